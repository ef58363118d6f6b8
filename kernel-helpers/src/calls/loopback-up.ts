import { constants, facts } from "../facts";
import { declare, lastErrno, type Pointer } from "../libc";
import { closeAtOnce } from "./close";
import { socket } from "./socket";

const libc = declare<{ ioctl(fd: number, request: number, type: "void *", argument: Pointer): number }>(
  { ioctl: "int ioctl(int fd, unsigned long request, ...)" },
  "linux",
);

const SIOCSIFFLAGS = 0x8914; // linux/sockios.h
const IFF_UP = 0x1; // linux/if.h
const IFREQ_SIZE = 40; // struct ifreq: 16 bytes for the name, then a union, here of a short
const NAME = "lo";
const FLAGS_AT = 16;

/**
 * ioctl(2), SIOCSIFFLAGS: switches the loopback interface on, as `ip link set lo up` does. In a new network namespace it is off, and
 * nothing can be reached. Linux only; it needs CAP_NET_ADMIN. The ioctl is no call of the workshop, so it leaves no record.
 *
 * @throws Error with the errno when the system refuses
 * @see man 7 netdevice, man 7 network_namespaces
 */
export function loopbackUp(): void {
  if (facts.os !== "linux") throw new Error("A network of its own exists on Linux only.");
  const request = Buffer.alloc(IFREQ_SIZE);
  request.write(NAME, "latin1");
  request.writeInt16LE(IFF_UP, FLAGS_AT);
  const fd = socket(constants.AF_INET, constants.SOCK_DGRAM, 0);
  try {
    if (libc.ioctl(fd, SIOCSIFFLAGS, "void *", request) !== 0)
      throw new Error(`The loopback interface could not be switched on: ioctl(2) says errno ${lastErrno()}.`);
  } finally {
    closeAtOnce(fd);
  }
}

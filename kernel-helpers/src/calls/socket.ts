import { constants, facts } from "../facts";
import { libc } from "../libc";
import { type Done, make, succeed } from "./done";
import { own } from "./owned";
import { int } from "./validate";

/**
 * socket(2) creates an endpoint for communication and returns its descriptor. SOCK_CLOEXEC is always added, so that no other program
 * inherits the socket; without SOCK_NONBLOCK in `type` the descriptor blocks, as in C.
 *
 * @param family AF_INET, AF_INET6 or AF_UNIX
 * @param type SOCK_STREAM or SOCK_DGRAM, with SOCK_NONBLOCK where wanted
 * @param protocol 0 for the only protocol of the type, else for example IPPROTO_UDP
 * @returns the new descriptor, the lowest number that is free
 * @throws SocketError EAFNOSUPPORT (no such family), EINVAL (no such type), EPROTONOSUPPORT (they do not go together), EMFILE (no descriptor left), EACCES
 */
export function socket(family: number, type: number, protocol = 0): number {
  const call = {
    name: "socket" as const,
    family: int("family", family),
    type: int("type", type) | constants.SOCK_CLOEXEC,
    protocol: int("protocol", protocol),
  };
  const fd = succeed(make(call, () => own(libc.socket(call.family, call.type, call.protocol))));
  noSignalWhereItIsAnOption(fd);
  return fd;
}

/**
 * socketpair(2) creates two sockets that are connected to each other.
 *
 * @param family AF_UNIX on Linux and macOS
 * @returns both descriptors
 * @throws SocketError EOPNOTSUPP (the family has no pairs), EAFNOSUPPORT, EMFILE
 */
export function socketpair(family: number, type: number, protocol = 0): [number, number] {
  const call: Done["call"] & { name: "socketpair" } = {
    name: "socketpair",
    family: int("family", family),
    type: int("type", type) | constants.SOCK_CLOEXEC,
    protocol: int("protocol", protocol),
  };
  const fds = Buffer.alloc(8);
  succeed(
    make(call, () => {
      const result = libc.socketpair(call.family, call.type, call.protocol, fds);
      if (result === 0) call.fds = [own(fds.readInt32LE(0)), own(fds.readInt32LE(4))];
      return result;
    }),
  );
  const pair = call.fds as [number, number];
  for (const fd of pair) noSignalWhereItIsAnOption(fd);
  return pair;
}

/** macOS has no MSG_NOSIGNAL: there the socket itself is told not to raise SIGPIPE, which would end the process. */
function noSignalWhereItIsAnOption(fd: number): void {
  if (facts.os !== "darwin") return;
  const on = Buffer.alloc(4);
  on.writeInt32LE(1);
  libc.setsockopt(fd, constants.SOL_SOCKET, SO_NOSIGPIPE, on, 4);
}

const SO_NOSIGPIPE = 0x1022;

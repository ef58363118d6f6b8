import type { SocketAddress } from "../bytes/sockaddr";
import { sections } from "../cells/whole";
import { declare, type Pointer, returned, starting } from "../libc";
import { sockaddr } from "./address";
import { descriptor } from "./arguments";
import type { Description, Tried } from "./description";
import { clock, isUnlimited, limit, succeedInTime } from "./limit";
import { addressText, exactAddress } from "./words";

const libc = declare<{ connect(fd: number, address: Pointer, length: number): number }>({
  connect: "int connect(int fd, const void *address, uint32_t length)",
});

/** connect(2), as the record keeps it. */
export interface ConnectCall {
  readonly name: "connect";
  /** The descriptor that the call is made on, a C int. */
  readonly fd: number;
  /** The bytes of the sockaddr. */
  readonly address: Uint8Array;
}

export const CONNECT: Description<ConnectCall> = {
  short: ({ fd, address }) => `connect(${fd}, ${addressText(address) ?? "?"})`,
  exact: ({ fd, address }) => `connect(${fd}, ${exactAddress(address)}, ${address.byteLength})`,
  shown: ({ address }) => ({ means: "connects", address: addressText(address) }),
  named: ({ address }) => address,
  actsAtOnce: true,
};

function callOf(fd: number, address: SocketAddress | Uint8Array, length?: number): ConnectCall {
  return { name: "connect", fd: descriptor(fd), address: sockaddr(address, length) };
}

/**
 * connect, with minus the errno as the result where it failed.
 *
 * @internal
 */
export function tryConnect(fd: number, address: SocketAddress | Uint8Array, length?: number): Tried<ConnectCall> {
  const call = callOf(fd, address, length);
  const start = starting();
  const result = returned(call, libc.connect(call.fd, call.address, call.address.byteLength), start);
  return { call, result };
}

/**
 * connect(2). On a stream socket: sets up a connection to the address. On a datagram socket: sends nothing, but makes the address the
 * default destination and the only source that is heard. `{ family: "AF_UNSPEC" }` takes that back, with the port that the system has chosen;
 * on Linux it ends a TCP connection too, by RST, and a listener's listening. On a descriptor that blocks it waits 10 s at most: SO_SNDTIMEO
 * is set first.
 *
 * Manual: man 2 connect; RFC 9293 section 3.5.
 *
 * @param fd the descriptor of a socket, a C int
 * @param address the peer's address, `{ family: "AF_UNSPEC" }` for none, or the bytes of a sockaddr
 * @param length how many bytes of it to pass, 0 to all of them (the default)
 * @throws Errors: SocketError ECONNREFUSED (nobody listens there), EINPROGRESS (the handshake is on its way: non-blocking, or no answer in time), EISCONN (connected already), ENETUNREACH (no way leads there), ETIMEDOUT (no answer), EADDRNOTAVAIL (no local port is left), EBADF (not open), ENOTSOCK (no socket); RangeError for a descriptor that the notebook itself uses; TypeError and RangeError for what is no address, no port or no length
 */
export function connect(fd: number, address: SocketAddress | Uint8Array, length?: number): void {
  sections?.enter();
  try {
    const bytes = sockaddr(address, length);
    if (isUnlimited(fd, "out")) limit(callOf(fd, bytes), "out");
    const since = clock();
    succeedInTime(CONNECT, tryConnect(fd, bytes), since);
  } finally {
    sections?.leave();
  }
}

import type { SocketAddress } from "../bytes/sockaddr";
import { type Call, libc } from "../libc";
import { addressBytes } from "./address";
import { type Done, make, succeed } from "./done";
import { descriptor } from "./validate";

type ConnectCall = Extract<Call, { name: "bind" | "connect" }>;

/**
 * connect, with minus the errno as the result where it failed.
 *
 * @internal
 */
export function tryConnect(fd: number, address: SocketAddress | Uint8Array, length?: number): Done<ConnectCall> {
  const bytes = addressBytes(address, length);
  const call: ConnectCall = { name: "connect", fd: descriptor(fd), address: bytes };
  return make(call, () => libc.connect(call.fd, bytes, bytes.byteLength));
}

/**
 * connect(2). On a stream socket: sets up a connection to the address. On a datagram socket: sends nothing, but makes the address the
 * default destination and the only source that is heard; AF_UNSPEC takes that back.
 *
 * @throws SocketError ECONNREFUSED (nobody listens there), EINPROGRESS (non-blocking: the handshake is on its way), EISCONN (connected already), ENETUNREACH, ETIMEDOUT, EADDRNOTAVAIL, EBADF, ENOTSOCK
 */
export function connect(fd: number, address: SocketAddress | Uint8Array, length?: number): void {
  succeed(tryConnect(fd, address, length));
}

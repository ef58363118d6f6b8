import type { SocketAddress } from "../bytes/sockaddr";
import { libc } from "../libc";
import { addressBytes } from "./address";
import { make, succeed } from "./done";
import { descriptor } from "./validate";

/**
 * bind(2) gives a socket its local address, so that what arrives there reaches this socket.
 *
 * @param address the local address; port 0 lets the system choose one
 * @param length how many bytes of it to pass, at most all of them
 * @throws SocketError EADDRINUSE (taken), EADDRNOTAVAIL (not an address of this machine), EACCES (port below 1024), EINVAL (bound already, or too short), EAFNOSUPPORT (wrong family), EBADF, ENOTSOCK
 */
export function bind(fd: number, address: SocketAddress | Uint8Array, length?: number): void {
  const bytes = addressBytes(address, length);
  const call = { name: "bind" as const, fd: descriptor(fd), address: bytes };
  succeed(make(call, () => libc.bind(call.fd, bytes, bytes.byteLength)));
}

import { libc } from "../libc";
import { make, succeed } from "./done";
import { descriptor, int } from "./validate";

/**
 * shutdown(2) ends one or both directions of a connection, whatever number of descriptors it has.
 *
 * @param how SHUT_WR (the peer reads the end), SHUT_RD, SHUT_RDWR
 * @throws SocketError ENOTCONN (no connection), EINVAL (no such `how`), EBADF, ENOTSOCK
 */
export function shutdown(fd: number, how: number): void {
  const call = { name: "shutdown" as const, fd: descriptor(fd), how: int("how", how) };
  succeed(make(call, () => libc.shutdown(call.fd, call.how)));
}

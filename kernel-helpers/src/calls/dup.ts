import { duplicate } from "./fcntl";

/**
 * dup(2) makes a second descriptor for the same socket. It is close-on-exec, as every descriptor here, so it is fcntl(2) with
 * F_DUPFD_CLOEXEC that is called and recorded.
 *
 * Manual: man 2 dup, man 2 fcntl.
 *
 * @param fd an open descriptor, a C int
 * @returns Returns the new descriptor, the lowest number that is free
 * @throws Errors: SocketError EBADF (not open), EMFILE (no descriptor left); RangeError for a descriptor that the notebook itself uses; TypeError and RangeError for what is no C int
 */
export function dup(fd: number): number {
  return duplicate(fd);
}

import { constants, exactNameOf, nameOf } from "../facts";
import { declare, returned, starting } from "../libc";
import { int } from "./arguments";
import { type Description, succeed } from "./description";
import { ownDescriptor } from "./descriptors";

const libc = declare<{ shutdown(fd: number, how: number): number }>({ shutdown: "int shutdown(int fd, int how)" });

/** shutdown(2), as the record keeps it. */
export interface ShutdownCall {
  readonly name: "shutdown";
  /** The descriptor that the call is made on, a C int. */
  readonly fd: number;
  /** SHUT_RD, SHUT_WR or SHUT_RDWR. */
  readonly how: number;
}

export const SHUTDOWN: Description<ShutdownCall> = {
  short: ({ fd, how }) => `shutdown(${fd}, ${nameOf("how", how)})`,
  exact: ({ fd, how }) => `shutdown(${fd}, ${exactNameOf("how", how)})`,
  shown: ({ how }) => ({ means: "shuts", shuts: DIRECTIONS[how], detail: nameOf("how", how) }),
};

const DIRECTIONS: Readonly<Record<number, "sending" | "receiving" | "both">> = {
  [constants.SHUT_RD]: "receiving",
  [constants.SHUT_WR]: "sending",
  [constants.SHUT_RDWR]: "both",
};

/**
 * shutdown(2) ends one or both directions of a connection, whatever number of descriptors it has.
 *
 * Manual: man 2 shutdown.
 *
 * @param fd the descriptor of a connected socket, a C int
 * @param how SHUT_WR (the peer reads the end), SHUT_RD or SHUT_RDWR
 * @throws Errors: SocketError ENOTCONN (no connection), EINVAL (no such `how`), EBADF (not open), ENOTSOCK (no socket); RangeError for a descriptor that the notebook itself uses; TypeError and RangeError for what is no C int
 */
export function shutdown(fd: number, how: number): void {
  const call: ShutdownCall = { name: "shutdown", fd: ownDescriptor(fd), how: int("how", how) };
  const start = starting();
  succeed(SHUTDOWN, call, returned(call, libc.shutdown(call.fd, call.how), start));
}

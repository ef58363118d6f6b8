import { declare, returned, starting } from "../libc";
import { int } from "./arguments";
import { type Description, succeed } from "./description";
import { ownDescriptor } from "./descriptors";

const libc = declare<{ listen(fd: number, backlog: number): number }>({ listen: "int listen(int fd, int backlog)" });

/** listen(2), as the record keeps it. */
export interface ListenCall {
  readonly name: "listen";
  /** The descriptor that the call is made on, a C int. */
  readonly fd: number;
  /** How many connections may wait, a C int. */
  readonly backlog: number;
}

const text = ({ fd, backlog }: ListenCall): string => `listen(${fd}, ${backlog})`;

export const LISTEN: Description<ListenCall> = {
  short: text,
  exact: text,
  shown: ({ backlog }) => ({ means: "listens", detail: `${backlog}` }),
};

/**
 * listen(2) makes a stream socket passive: the system accepts connections for it from now on and queues them until accept(2) takes them.
 *
 * Manual: man 2 listen.
 *
 * @param fd the descriptor of a stream socket, a C int
 * @param backlog how many connections may wait, a C int; Linux lets one more wait, and cuts the number at net.core.somaxconn; a negative one counts as that limit
 * @throws Errors: SocketError EADDRINUSE (another socket listens there), EINVAL (connected), EOPNOTSUPP (a datagram socket), EBADF (not open), ENOTSOCK (no socket); RangeError for a descriptor that the notebook itself uses; TypeError and RangeError for what is no C int
 */
export function listen(fd: number, backlog: number): void {
  const call: ListenCall = { name: "listen", fd: ownDescriptor(fd), backlog: int("backlog", backlog) };
  const start = starting();
  succeed(LISTEN, call, returned(call, libc.listen(call.fd, call.backlog), start));
}

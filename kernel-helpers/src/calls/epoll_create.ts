import { whole } from "../cells/whole";
import { constants, flagNames } from "../facts";
import { declare, returned, starting } from "../libc";
import { int } from "./arguments";
import { type Description, succeed } from "./description";
import { adopt } from "./descriptors";

const libc = declare<{ epoll_create1(flags: number): number }>(
  { epoll_create1: "int epoll_create1(int flags)" },
  "linux",
);

/** epoll_create1(2), as the record keeps it. */
export interface EpollCreateCall {
  readonly name: "epoll_create1";
  /** The flags, such as EPOLL_CLOEXEC, added by |; 0 for none. */
  readonly flags: number;
}

const text = ({ flags }: EpollCreateCall): string => `epoll_create1(${flagNames("epollCreate", flags)})`;

export const EPOLL_CREATE: Description<EpollCreateCall> = { short: text, exact: text };

/**
 * epoll_create(2): a new set of descriptors to watch. Linux only. EPOLL_CLOEXEC is always added.
 *
 * Manual: man 2 epoll_create, man 7 epoll.
 *
 * @param flags 0, the default: nothing else can be added
 * @returns Returns the descriptor of the set
 * @throws Errors: SocketError EINVAL (no such flag), EMFILE (no descriptor left); TypeError and RangeError for what is no C int
 */
export function epoll_create1(flags = 0): number {
  return whole(() => {
    const call: EpollCreateCall = { name: "epoll_create1", flags: int("flags", flags) | constants.EPOLL_CLOEXEC };
    const start = starting();
    return succeed(EPOLL_CREATE, call, adopt(returned(call, libc.epoll_create1(call.flags), start)));
  });
}

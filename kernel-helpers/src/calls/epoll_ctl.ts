import { fields, shown } from "../bytes/arguments";
import { constants, exactNameOf, flagNames, nameOf } from "../facts";
import { declare, type Pointer, returned, starting } from "../libc";
import { descriptor, int, integer } from "./arguments";
import { type Description, succeed } from "./description";
import { ownDescriptor } from "./descriptors";
import { type EpollEvent, epollEvents, writeEpollEvent } from "./epoll-event";
import { exactEvent, SOMEWHERE } from "./words";

const libc = declare<{ epoll_ctl(epfd: number, op: number, fd: number, event: Pointer): number }>(
  { epoll_ctl: "int epoll_ctl(int epfd, int op, int fd, void *event)" },
  "linux",
);

/** epoll_ctl(2), as the record keeps it. */
export interface EpollCtlCall {
  readonly name: "epoll_ctl";
  /** The descriptor of the set, a C int. */
  readonly epfd: number;
  /** EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL. */
  readonly op: number;
  /** The descriptor that is added, changed or taken out, a C int. */
  readonly fd: number;
  /** EPOLLIN, EPOLLOUT, …, added by |: 0 to 2^32 - 1. */
  readonly events: number;
  /** The number that epoll_wait tells with them, 0 to 2^53 - 1. */
  readonly data: number;
}

export const EPOLL_CTL: Description<EpollCtlCall> = {
  short: ({ epfd, op, fd, events }) =>
    `epoll_ctl(${epfd}, ${nameOf("epollOp", op)}, ${fd}, ${flagNames("epoll", events)})`,
  // Nothing is read from memory to take a descriptor out, so strace does not look there.
  exact: ({ epfd, op, fd, events, data }) =>
    `epoll_ctl(${epfd}, ${exactNameOf("epollOp", op)}, ${fd}, ${op === constants.EPOLL_CTL_DEL ? SOMEWHERE : exactEvent({ events, data })})`,
};

const one = epollEvents(1);

/**
 * epoll_ctl(2) adds a descriptor to the set, changes what is asked of it, or takes it out. Linux only.
 *
 * Manual: man 2 epoll_ctl, man 7 epoll.
 *
 * @param epfd the descriptor of the set, a C int
 * @param op EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL
 * @param fd the descriptor to watch, a C int
 * @param event `events`: EPOLLIN, EPOLLOUT or both; `data`: a number from 0 to 2^53 - 1 that epoll_wait gives back. Both are 0 unless told
 * @throws Errors: SocketError EEXIST (it is in the set already), ENOENT (it is not in the set), EPERM (the descriptor is a file), EINVAL (no such `op`), EBADF (not open); RangeError for a descriptor that the notebook itself uses; TypeError and RangeError for what is no C int
 */
export function epoll_ctl(epfd: number, op: number, fd: number, event: EpollEvent = { events: 0, data: 0 }): void {
  changeSet(ownDescriptor(epfd, "epfd"), op, fd, event);
}

/**
 * The same on whichever set: that of the thread that waits is nobody's else.
 *
 * @internal
 */
export function changeSet(epfd: number, op: number, fd: number, event: EpollEvent = { events: 0, data: 0 }): void {
  if (typeof event !== "object" || event === null)
    throw new TypeError(`event is an object such as { events: EPOLLIN, data: 5 }, not ${shown(event)}.`);
  const { events, data } = fields("event", event, ["events", "data"]);
  const call: EpollCtlCall = {
    name: "epoll_ctl",
    epfd,
    op: int("op", op),
    fd: descriptor(fd),
    events: integer("events", events, 0, 0xffffffff),
    data: integer("data", data, 0, Number.MAX_SAFE_INTEGER),
  };
  writeEpollEvent(one, 0, call.events, call.data);
  const start = starting();
  succeed(EPOLL_CTL, call, returned(call, libc.epoll_ctl(call.epfd, call.op, call.fd, one), start));
}

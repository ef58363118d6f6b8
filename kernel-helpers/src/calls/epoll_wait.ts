import { returned, starting } from "../libc";
import { integer } from "./arguments";
import { type Description, succeed } from "./description";
import { ownDescriptor } from "./descriptors";
import { type EpollEvent, epollEvents, readEpollEvent } from "./epoll-event";
import { libcOfEpoll } from "./of-thread";
import { exactEvent, exactMembers, MEMBERS } from "./words";

/** epoll_wait(2), as the record keeps it. */
export interface EpollWaitCall {
  readonly name: "epoll_wait";
  /** The descriptor of the set, a C int. */
  readonly epfd: number;
  /** At most so many events, 1 to 1024. */
  readonly max: number;
  /** How long it waits at most, in milliseconds. */
  readonly timeout: number;
  /** The first of the events that it told. */
  ready?: readonly EpollEvent[];
}

export const EPOLL_WAIT: Description<EpollWaitCall> = {
  short: ({ epfd, timeout }) => `epoll_wait(${epfd}, ${timeout} ms)`,
  exact: ({ epfd, ready = [], max, timeout }, { result }) =>
    `epoll_wait(${epfd}, ${exactMembers(ready.map(exactEvent), result)}, ${max}, ${timeout})`,
};

/**
 * epoll_wait(2) tells which descriptors of the set are ready. Linux only. The calling thread sleeps for as long as `timeout` says: in a
 * notebook that is the kernel itself.
 *
 * Manual: man 2 epoll_wait, man 7 epoll.
 *
 * @param epfd the descriptor of the set, a C int
 * @param max at most so many events, 1 to 1024
 * @param timeout in milliseconds, 0 (the default: do not wait) to 10,000
 * @returns Returns an event for each descriptor that is ready, with the `data` that it was added with
 * @throws Errors: SocketError EINTR (a signal came first), EINVAL (not an epoll set), EBADF (not open); RangeError for a longer timeout; RangeError for a descriptor that the notebook itself uses; TypeError and RangeError for what is no C int
 */
export function epoll_wait(epfd: number, max: number, timeout = 0): EpollEvent[] {
  const call: EpollWaitCall = {
    name: "epoll_wait",
    epfd: ownDescriptor(epfd, "epfd"),
    max: integer("max", max, 1, 1024),
    timeout: integer("timeout", timeout, 0, 10_000),
  };
  const memory = epollEvents(call.max);
  const ready: EpollEvent[] = [];
  const start = starting();
  const result = libcOfEpoll.epoll_wait(call.epfd, memory, call.max, call.timeout);
  for (let i = 0; i < result; i++) ready.push(readEpollEvent(memory, i));
  if (result >= 0) call.ready = ready.slice(0, MEMBERS).map((event) => ({ ...event }));
  succeed(EPOLL_WAIT, call, returned(call, result, start));
  return ready;
}

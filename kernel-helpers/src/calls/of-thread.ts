import { constants } from "../facts/current";
import { declare, type Pointer } from "../libc/library";

/*
 * What the thread that waits calls: without a check, into memory of its own, without a record. A call that fails gives -1 and leaves the errno.
 *
 * The prototypes of these three stand here, and not in the calls' own files, because every process starts such a thread, and this is all that
 * it loads of them: their checks and their words are 60 files more, some 10 ms of each start.
 */

/** epoll_wait(2). */
export const libcOfEpoll = declare<{ epoll_wait(epfd: number, events: Pointer, max: number, timeout: number): number }>(
  { epoll_wait: "int epoll_wait(int epfd, void *events, int max, int timeout)" },
  "linux",
);

/** poll(2) and recv(2). */
export const libcOfPoll = declare<{
  poll(fds: Pointer, count: number, timeout: number): number;
  recv(fd: number, buffer: Pointer, length: number, flags: number): number;
}>({
  poll: "int poll(void *fds, unsigned long count, int timeout)",
  recv: "intptr_t recv(int fd, void *buffer, size_t length, int flags)",
});

/** Which descriptors of a set are ready, as epoll-event.ts reads them. */
export function epollWaitOfThread(epfd: number, memory: Buffer, max: number, timeout: number): number {
  return libcOfEpoll.epoll_wait(epfd, memory, max, timeout);
}

/** Which of so many struct pollfd are ready. */
export function pollOfThread(memory: Buffer, count: number, timeout: number): number {
  return libcOfPoll.poll(memory, count, timeout);
}

/** Empties the socket that wakes the thread. */
export function drainOfThread(fd: number, memory: Buffer): void {
  libcOfPoll.recv(fd, memory, memory.byteLength, constants.MSG_DONTWAIT);
}

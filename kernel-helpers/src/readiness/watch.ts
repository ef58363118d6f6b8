import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { epollWaitOfThread } from "../calls/epoll_wait";
import { epollEvents, readEpollEvent } from "../calls/epoll-event";
import { pollOfThread } from "../calls/poll";
import { drainOfThread } from "../calls/recv";
import { constants, errno } from "../facts";
import { lastErrno } from "../libc";
import { sharedClock } from "./clock";
import { LookoutThread } from "./lookout";
import type { PollOrder } from "./poll-poller";
import { STARTED, STOP, type ThreadData } from "./thread";

/*
 * The thread that waits. The loop around it calls a JavaScript function each time: a bare `for (;;) epoll_wait()` never looks whether
 * the process is ending. The timeout bounds how long that can take if a wake-up were lost.
 */
const TIMEOUT = 250;
const MAX = 256;
const data = workerData as ThreadData;
const port = parentPort!;
const lookout = new LookoutThread(data.lookout);

/** @throws Error for a failure other than EINTR, which a stopped and continued process gets here */
function mustBeInterrupted(name: string): void {
  const number = lastErrno();
  if (number !== errno.EINTR) throw new Error(`${name} failed with errno ${number}`);
}

const ENTRY = 8; // struct pollfd: int fd, short events, short revents

function pollMemory(entries: readonly { fd: number; events: number }[]): Buffer {
  const memory = Buffer.alloc(entries.length * ENTRY);
  entries.forEach((entry, i) => {
    memory.writeInt32LE(entry.fd, i * ENTRY);
    memory.writeInt16LE(entry.events, i * ENTRY + 4);
  });
  return memory;
}

/** Looks whether waits are over for which nothing is armed yet, and tells how long the thread may sleep then. */
function timeout(): number {
  const waits = lookout.waits();
  if (waits.length > 0) {
    const { POLLIN, POLLOUT } = constants;
    const entries = waits.map(({ fd, direction }) => ({ fd, events: direction === "in" ? POLLIN : POLLOUT }));
    const memory = pollMemory(entries);
    if (pollOfThread(memory, entries.length, 0) > 0) {
      const at = sharedClock();
      waits.forEach((wait, i) => {
        if (memory.readUInt16LE(i * ENTRY + 6) !== 0) wait.found(at);
      });
    }
  }
  return lookout.sleep(performance.now(), TIMEOUT);
}

function epollRound(epfd: number, memory: Buffer): void {
  const count = epollWaitOfThread(epfd, memory, MAX, timeout());
  const at = sharedClock();
  if (count < 0) mustBeInterrupted("epoll_wait");
  const told: number[] = [at];
  for (let i = 0; i < count; i++) {
    const event = readEpollEvent(memory, i);
    if (event.data !== 0) told.push(event.data, event.events);
  }
  if (told.length > 1) port.postMessage(told);
}

function pollRound(wakeFd: number, watched: Map<number, PollOrder>): void {
  for (let order = receiveMessageOnPort(port); order !== undefined; order = receiveMessageOnPort(port)) {
    const { fd, events } = order.message as PollOrder;
    if (events === 0) watched.delete(fd);
    else watched.set(fd, order.message as PollOrder);
  }
  const entries = [{ fd: wakeFd, events: constants.POLLIN, key: 0 }, ...watched.values()];
  const memory = pollMemory(entries);
  const count = pollOfThread(memory, entries.length, timeout());
  const at = sharedClock();
  if (count < 0) {
    mustBeInterrupted("poll");
    return;
  }
  if (memory.readInt16LE(6) !== 0) drainOfThread(wakeFd, Buffer.alloc(512));
  const told: number[] = [at];
  entries.forEach((entry, i) => {
    const revents = memory.readUInt16LE(i * ENTRY + 6);
    if (i === 0 || revents === 0) return;
    watched.delete(entry.fd);
    told.push(entry.key, revents);
  });
  if (told.length > 1) port.postMessage(told);
}

function stopped(): boolean {
  return Atomics.load(data.flags, STOP) !== 0;
}

Atomics.store(data.flags, STARTED, 1);
Atomics.notify(data.flags, STARTED);

if (data.kind === "epoll") {
  const memory = epollEvents(MAX);
  while (!stopped()) epollRound(data.epfd, memory);
} else {
  const watched = new Map<number, PollOrder>();
  while (!stopped()) pollRound(data.wakeFd, watched);
}

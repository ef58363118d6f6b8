import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { epollEvents, readEpollEvent } from "../calls/epoll-event";
import { drainOfThread, epollWaitOfThread, pollOfThread } from "../calls/of-thread";
import { constants, facts } from "../facts/current";
import { lastErrno } from "../libc/library";
import { sharedClock } from "./clock";
import { LookoutThread } from "./lookout";
import type { PollOrder } from "./poll-poller";
import { BROKEN, STARTED, STOP, type ThreadData } from "./thread";

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
  if (number !== facts.errno.EINTR) throw new Error(`${name} failed with errno ${number}`);
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

/** Takes what is ready out of the set, and tells it. */
function tellReady(epfd: number, memory: Buffer, at: number): void {
  const count = epollWaitOfThread(epfd, memory, MAX, 0);
  if (count < 0) mustBeInterrupted("epoll_wait");
  const told: number[] = [at];
  for (let i = 0; i < count; i++) {
    const { data, events } = readEpollEvent(memory, i);
    told.push(data, events);
  }
  if (told.length > 1) port.postMessage(told);
}

/*
 * The event loop takes what is ready out of the set by itself, within microseconds, unless it is busy. So this thread, which is woken as
 * well, waits first whether it does. If it does not, this thread takes it, and notes when it was woken; and all that comes after, at
 * once, until the event loop looks again. While much goes on it is woken every BREATHER at most.
 */

/** How soon the event loop looks when it is not busy; and the same while it looks again and again. In milliseconds. */
const SOON = 1;
const BREATHER = 5;

function epollRounds({ epfd, outer, shared, looks }: Extract<ThreadData, { kind: "epoll" }>): void {
  const memory = epollEvents(MAX);
  /** The look of the event loop after which it was found busy. */
  let busySince: number | undefined;
  let breather = SOON;
  while (!stopped()) {
    const count = epollWaitOfThread(outer, memory, 2, timeout());
    const at = sharedClock();
    if (count < 0) mustBeInterrupted("epoll_wait");
    const before = Atomics.load(looks, 0);
    if (before === BROKEN) throw new Error("epoll_wait found its set closed");
    let found = false;
    for (let i = 0; i < count; i++) found ||= readEpollEvent(memory, i).data !== 0;
    if (!found) {
      breather = SOON;
      continue;
    }
    if (shared && busySince !== before) {
      busySince = undefined;
      Atomics.wait(data.flags, STOP, 0, breather);
      breather = BREATHER;
      if (Atomics.load(looks, 0) !== before) continue;
      busySince = before;
    }
    tellReady(epfd, memory, at);
  }
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

if (data.kind === "epoll") epollRounds(data);
else {
  const watched = new Map<number, PollOrder>();
  while (!stopped()) pollRound(data.wakeFd, watched);
}

import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { clockOrigin } from "./clock";
import { Lookout, type LookoutTable } from "./lookout";
import type { Direction } from "./poller";

/** What the thread is started with. */
export type ThreadTask =
  | {
      kind: "epoll";
      /** The set of all descriptors, and the one that has this set and the eventfd in it. */
      epfd: number;
      outer: number;
      /** Whether the event loop looks into the set itself. */
      shared: boolean;
      /** How often it has, or BROKEN. */
      looks: Int32Array;
    }
  | { kind: "poll"; wakeFd: number };

/** In place of the looks of the event loop: it has found the set closed. */
export const BROKEN = -1;

/** The same, as the thread finds it in `workerData`, with what it shares with the main thread. */
export type ThreadData = ThreadTask & { flags: Int32Array; lookout: LookoutTable };

/** The flags: whether the thread is to stop, and whether it has loaded everything and waits. */
export const STOP = 0;
export const STARTED = 1;

/** How long a thread that is just starting is waited for at most, in milliseconds. */
const START = 2000;

export interface WatchThread {
  readonly id: number;
  readonly alive: boolean;
  /** Returns when the thread has loaded everything that it needs, descriptors too. It starts in about 40 ms. */
  started(): void;
  post(message: object): void;
  ref(alive: boolean): void;
  /** See Poller. */
  lookAfter(fd: number, direction: Direction): () => number | undefined;
}

/**
 * Starts the thread that sleeps in the system until a descriptor is ready.
 *
 * It never keeps the process alive by itself, and ends with it: at exit a flag is set and the thread is woken (300 of 300 exits clean;
 * a thread that is only terminated while it sleeps in the system holds the exit up). A thread that is ended while it still loads koffi
 * takes the whole process down (SIGABRT in 2 of 60 early exits), so an early exit lets it start first.
 *
 * @param wake makes the thread's system call return
 * @param tell `ready` for each descriptor that is ready (key, events, and when the system call that told it returned); `died` when the thread ends before the process does
 */
export function startThread(
  task: ThreadTask,
  wake: () => void,
  tell: { ready: (key: number, events: number, at: number) => void; died: (why: Error) => void },
): WatchThread {
  const flags = new Int32Array(new SharedArrayBuffer(8));
  const lookout = new Lookout(wake);
  const origin = clockOrigin();
  const data: ThreadData = { ...task, flags, lookout: lookout.table };
  const worker = new Worker(join(__dirname, "watch.js"), { workerData: data, execArgv: [], name: "sockets" });
  const thread = { alive: true };
  const started = () => {
    if (thread.alive) Atomics.wait(flags, STARTED, 0, START);
  };
  const atExit = () => {
    Atomics.store(flags, STOP, 1);
    Atomics.notify(flags, STOP);
    started();
    wake();
  };
  process.on("exit", atExit);
  const died = (why: Error) => {
    if (!thread.alive) return;
    thread.alive = false;
    process.off("exit", atExit);
    tell.died(why);
  };
  worker.on("message", ([at, ...pairs]: [number, ...number[]]) => {
    for (let i = 0; i < pairs.length; i += 2) tell.ready(pairs[i]!, pairs[i + 1]!, at - origin);
  });
  worker.on("error", (error) => died(error));
  worker.on("exit", (code) => died(new Error(`it ended with status ${code}`)));
  // After the listeners: the one for messages makes the worker keep the process alive again.
  worker.unref();
  return {
    id: worker.threadId,
    get alive() {
      return thread.alive;
    },
    started,
    post: (message) => worker.postMessage(message),
    ref: (alive) => (alive ? worker.ref() : worker.unref()),
    lookAfter: (fd, direction) => {
      const place = lookout.begin(fd, direction);
      return () => {
        const at = lookout.end(place);
        return at === undefined ? undefined : at - origin;
      };
    },
  };
}

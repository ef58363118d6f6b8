import type { EventEmitter } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

/** What is shared with the thread: whether a cell runs its synchronous part. */
export const IN_CELL = 0;
/** What the thread tells: that it listens, and that it has heard the signal. */
export const READY = "ready";
export const HEARD = "heard";

/** SIGINT's number, which is the same everywhere. */
const SIGINT = 2;

/**
 * Listens to SIGINT, Jupyter's interrupt, for the whole life of the kernel; `onInterrupt` may be set later than the listener, which
 * comes first of all: without one the signal ends the process.
 */
export class Interrupts {
  onInterrupt = () => {};
  /** The thread listens: from now on a cell may run. Also when there is no thread, and the kernel has to do without. */
  readonly ready: Promise<void>;
  readonly #listener = () => this.onInterrupt();
  readonly #flags = new Int32Array(new SharedArrayBuffer(4));

  constructor() {
    process.on("SIGINT", this.#listener);
    this.ready = this.#startThread();
  }

  /** Runs the synchronous part of a cell, which a signal ends. */
  inCell<T>(run: () => T): T {
    Atomics.store(this.#flags, IN_CELL, 1);
    try {
      return run();
    } finally {
      Atomics.store(this.#flags, IN_CELL, 0);
      Atomics.notify(this.#flags, IN_CELL);
      this.#restore();
    }
  }

  /**
   * Node runs the synchronous part of a cell with its own handler of SIGINT and puts the listeners back afterwards. If the cell itself has
   * added the first listener meanwhile, ours is no longer the first; and without the thread Node leaves the system's default in place
   * behind them, and the next interrupt would end the process.
   */
  #restore(): void {
    const listeners = process.rawListeners("SIGINT") as (() => void)[];
    if (listeners[0] === this.#listener) return;
    process.removeAllListeners("SIGINT");
    const others = listeners.filter((listener) => listener !== this.#listener);
    for (const listener of [this.#listener, ...others]) process.on("SIGINT", listener);
  }

  #startThread(): Promise<void> {
    const worker = new Worker(join(__dirname, "interrupt-thread.js"), { workerData: this.#flags, execArgv: [] });
    return new Promise((resolve) => {
      worker.on("message", (told: typeof READY | typeof HEARD) => {
        if (told === HEARD) (process as EventEmitter).emit("SIGINT", "SIGINT", SIGINT);
        else {
          leaveSignalAlone();
          resolve();
        }
      });
      worker.on("error", () => resolve());
      worker.unref();
    });
  }
}

/**
 * From now on Node gives SIGINT no handler when a listener is added, and takes none away when one is removed: the thread's must stay. The
 * listeners themselves are as ever.
 */
function leaveSignalAlone(): void {
  for (const event of ["newListener", "removeListener"]) {
    for (const listener of process.rawListeners(event)) {
      process.removeListener(event, listener as () => void);
      process.on(event, (name: string, ...rest: unknown[]) => {
        if (name !== "SIGINT") listener.call(process, name, ...rest);
      });
    }
  }
}

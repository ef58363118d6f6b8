import process from "node:process";
import { setImmediate, setInterval } from "node:timers";
import type { Interrupts } from "./interrupts";

/** How often the parent is looked at where no thread does it, in milliseconds. */
const INTERVAL = 1000;

/** What a shell says of a program that SIGTERM has ended. */
const TERMINATED = 128 + 15;

/** Node's own: code in cells can replace it. */
const exit = process.exit.bind(process);

/**
 * Sees to it that this process ends when it is to, whatever code of cells has left behind, and when the one that started it is gone: a
 * crashed Jupyter server leaves no kernels behind. The thread that watches ends it by force where it does not end by itself.
 *
 * @returns ends the process with a status
 */
export function endFor(interrupts: Interrupts): (status: number) => void {
  const end = (...status: Parameters<typeof process.exit>): never => {
    interrupts.ending();
    failAlone("exit");
    return exit(...status);
  };
  // Also for a cell that ends its kernel.
  process.exit = end;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) end(1);
  }, INTERVAL).unref();
  interrupts.onOrphaned = () => end(1);
  endAfterSigterm(() => {
    interrupts.ending();
    setImmediate(() => end(TERMINATED));
  });
  return end;
}

/** A listener that throws would keep the others from being called, and the process from ending. */
function failAlone(event: "exit"): void {
  const listeners = process.rawListeners(event) as ((...args: unknown[]) => void)[];
  process.removeAllListeners(event);
  for (const listener of listeners) {
    process.on(event, (...args) => {
      try {
        listener.apply(process, args);
      } catch (thrown) {
        try {
          process.stderr.write(`${thrown}\n`);
        } catch {} // What cannot be shown is not.
      }
    });
  }
}

/**
 * SIGTERM ends a kernel. As long as nobody listens to it, the system does that, also where JavaScript is in an endless loop; with a listener in a
 * cell it would not any more: then the kernel ends when that has been called.
 */
function endAfterSigterm(end: () => void): void {
  const others = () => process.listeners("SIGTERM").some((listener) => listener !== end);
  process.on("newListener", (event, listener) => {
    // First, because the next one may never return.
    if (event === "SIGTERM" && listener !== end && !others()) process.prependListener("SIGTERM", end);
  });
  process.on("removeListener", (event, listener) => {
    if (event === "SIGTERM" && listener !== end && !others()) process.removeListener("SIGTERM", end);
  });
}

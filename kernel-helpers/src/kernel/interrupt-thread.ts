import { Script } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { HEARD, IN_CELL, READY } from "./interrupts";

/*
 * The thread that hears SIGINT while no cell runs its synchronous part.
 *
 * Node runs that part with `breakOnSigint`. Before it, Node takes its listeners away, and until its watchdog is there the system's default
 * is in place; after it, Node puts a handler in place that ends the process, until the listeners are back. A signal in one of these gaps
 * ended the kernel, on a busy machine now and then. Node's watchdog leaves its own handler in place as long as any script is under way
 * that it watches, in any thread. So this thread is always inside such a script, where it sleeps: the gaps are gone. A signal goes to the
 * script that was begun last: to the cell, if one runs its synchronous part, else to this thread, which tells the main one.
 *
 * A script that a signal has ended has to be begun again. Meanwhile the one around it is under way, and so on: one inside the other.
 */
const DEPTH = 32;

const flags = workerData as Int32Array;
let ready = false;
const never = new Int32Array(new SharedArrayBuffer(4));
const scripts = Array.from({ length: DEPTH }, (_, depth) => new Script(`interruptible(${depth + 1})`));

function enter(depth: number): void {
  scripts[depth]!.runInThisContext({ breakOnSigint: true });
}

function interruptible(depth: number): void {
  while (depth < DEPTH) {
    try {
      enter(depth);
    } catch {
      parentPort!.postMessage(HEARD);
    }
    // A script that is begun after the cell's would hear the next signal in its place.
    Atomics.wait(flags, IN_CELL, 1);
  }
  if (!ready) parentPort!.postMessage(READY);
  ready = true;
  Atomics.wait(never, 0, 0);
}

Object.assign(globalThis, { interruptible });
for (;;) {
  try {
    enter(0);
  } catch {
    parentPort!.postMessage(HEARD);
  }
}

import { Session } from "node:inspector";
import { workerData } from "node:worker_threads";
import { ANSWER, Answer, type END_THIS, type WHERE } from "./flags";

const flags = workerData as Int32Array;

/** How often the main thread is asked, how often it may say that it cannot be ended just then, and how long an answer and all of that may take: milliseconds. */
export const ASK = { times: 200, refusals: 100, patience: 100, inAll: 1000 };

const session = new Session();
let isConnected = false;

/** To be called when nothing more is to be asked for now. */
export function hangUp(): void {
  if (isConnected) session.disconnect();
  isConnected = false;
}

/** Has the main thread call a function, in the middle of whatever it does. @returns its answer */
export function ask(what: typeof END_THIS | typeof WHERE): number {
  if (!isConnected) session.connectToMainThread();
  isConnected = true;
  Atomics.store(flags, ANSWER, Answer.NONE);
  // Whatever a cell has made of `globalThis` and of `Symbol`.
  session.post("Runtime.evaluate", { expression: `this["${what}"]()` });
  Atomics.wait(flags, ANSWER, Answer.NONE, ASK.patience);
  return Atomics.load(flags, ANSWER);
}

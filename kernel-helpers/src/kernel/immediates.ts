import timers from "node:timers";
import { runAsMicrotask } from "./microtasks";

/**
 * Has the callbacks of a learner's immediates run between Node's immediates, and not inside of one: as a microtask of it, in the same turn.
 *
 * When the JavaScript of a callback is ended from outside (`termination.ts`), no `finally` runs, and Node's list of immediates is not whole any
 * more: the others of that turn were lost, or Node came to the same one again and again, with a TypeError about `_idleNext` each time.
 */
export function runBetweenImmediates(): void {
  const original = globalThis.setImmediate;
  const replaced = (callback: (...values: unknown[]) => void, ...values: unknown[]): NodeJS.Immediate => {
    // Node refuses it in its own words.
    if (typeof callback !== "function") return original(callback);
    return original(() => runAsMicrotask(() => callback(...values)));
  };
  // Among them what util.promisify makes of it.
  Object.defineProperties(replaced, Object.getOwnPropertyDescriptors(original));
  globalThis.setImmediate = replaced as typeof setImmediate;
  timers.setImmediate = replaced as typeof setImmediate;
}

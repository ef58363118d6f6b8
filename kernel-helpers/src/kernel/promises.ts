import { inspect, types } from "node:util";

/** What Node keeps in promises while something follows them (async_hooks, AsyncLocalStorage), and shows with them. */
const INTERNAL = new Set(["async_id_symbol", "trigger_async_id_symbol", "kResourceStore"]);

/** From now on a promise is shown as what it is, `Promise { <pending> }`, without what Node keeps in it. */
export function showPromisesPlainly(): void {
  Object.defineProperty(Promise.prototype, inspect.custom, {
    configurable: true,
    writable: true,
    value(this: Promise<unknown>) {
      for (const key of Object.getOwnPropertySymbols(this))
        if (INTERNAL.has(key.description ?? "")) Object.defineProperty(this, key, { enumerable: false });
      return this; // It is shown as ever.
    },
  });
}

/** What is said beside a cell's value when that is a promise, as a call without `await` leaves one. */
export function notesOnPromises(value: unknown): string[] {
  if (types.isPromise(value)) return ["This is a promise, not its value: write `await` before it."];
  if (Array.isArray(value) && value.length > 0 && value.every((item) => types.isPromise(item)))
    return ["These are promises, not their values: write `await Promise.all(…)` around them."];
  return [];
}

/** What is said below the error of a promise that nobody awaits. */
export const NOBODY_AWAITS =
  "Nobody awaits this promise: write `await` before the call that made it, or catch its error.";

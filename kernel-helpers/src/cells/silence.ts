import { AsyncLocalStorage } from "node:async_hooks";
import { processWide } from "./process-wide";

/*
 * Whether the code in progress is to print nothing. It belongs to the code that was started in silence, and to all that it starts, however
 * long that goes on: other code, such as the next cell, is not silent meanwhile.
 */
const storage = processWide("silence", () => new AsyncLocalStorage<boolean>());

/** Whether the code in progress was started in silence. */
export function isSilent(): boolean {
  return storage.getStore() === true;
}

/** Runs `action`, and all that it starts, in silence or not. */
export function inSilence<T>(silent: boolean, action: () => T): T {
  // Nothing to change, which is nearly always so, costs nothing: the first `run` makes every promise of the process a little dearer.
  return isSilent() === silent ? action() : storage.run(silent, action);
}

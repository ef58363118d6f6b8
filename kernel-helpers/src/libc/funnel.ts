import type { Call, CallRecord } from "./call";
import { processWide } from "./process-wide";
import { lastErrno } from "./prototypes";

/**
 * Told of every call after it was made, and on whose behalf, as the floor above set it with `withContext`. It must not make calls itself,
 * and must not throw.
 */
export type Observer = (record: CallRecord, context: object | undefined) => void;

const state = processWide("funnel", () => ({
  observer: undefined as Observer | undefined,
  context: undefined as object | undefined,
}));

/** Sets who is told of every call; there is one at a time (the trace). Returns the one before. */
export function observeCalls(observer: Observer | undefined): Observer | undefined {
  const before = state.observer;
  state.observer = observer;
  return before;
}

/** Runs `action`, whose calls are recorded as made on behalf of `context`. Synchronous, as every call is. */
export function withContext<T>(context: object | undefined, action: () => T): T {
  const before = state.context;
  state.context = context;
  try {
    return action();
  } finally {
    state.context = before;
  }
}

/**
 * The one door to libc: makes the call, reads errno at once, and leaves a record. It repeats nothing and hides nothing.
 *
 * @param call the name and the arguments, for the record
 * @param invoke calls the libc function and returns its result; on success it may complete `call` with what was written to memory
 * @returns the result when it is not -1, else minus the errno, as the kernel itself returns it
 */
export function perform(call: Call, invoke: () => number): number {
  const observer = state.observer;
  if (observer === undefined) {
    const result = invoke();
    return result === -1 ? -lastErrno() : result;
  }
  const start = performance.now();
  const result = invoke();
  const errno = result === -1 ? lastErrno() : 0;
  observer({ call, result, errno, start, end: performance.now() }, state.context);
  return result === -1 ? -errno : result;
}

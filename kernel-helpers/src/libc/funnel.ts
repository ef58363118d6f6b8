import { errorWords } from "../bytes/error-words";
import { afresh, processWide } from "../cells";
import { sections } from "../cells/whole";
import { lastErrno } from "./library";

/** A call with its arguments, as the record keeps it. What else is in it, the call's own file knows. */
export interface NamedCall {
  /** The name of the C function: "bind". */
  readonly name: string;
}

/** A call that was made: the arguments, the result, and when. */
export interface MadeCall<C extends NamedCall = NamedCall> {
  /** Its name and arguments, and what it wrote into memory. */
  readonly call: C;
  /** What the function returned, or -1. */
  readonly result: number;
  /** The number of the errno when the result is -1, else 0. */
  readonly errno: number;
  /** When the call was made, in milliseconds since the process started. */
  readonly start: number;
  /** When it returned: milliseconds, on the same clock. */
  readonly end: number;
}

/**
 * Told of every call after it was made, and on whose behalf, as the floor above set it with `withContext`. It must not make calls itself.
 * One that throws is told no more: a call that was made is not undone by it.
 */
export type Observer = (made: MadeCall, context: object | undefined) => void;

const state = processWide("funnel", () => ({
  observer: undefined as Observer | undefined,
  context: undefined as object | undefined,
}));

afresh(() => {
  state.context = undefined;
});

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

/*
 * The one door to libc is these two functions, one on each side of the call:
 *
 *   const start = starting();
 *   return returned(call, libc.listen(fd, backlog), start);
 *
 * They repeat nothing and hide nothing. (One function around a closure cost 0.1 µs more a call.) What is between them, and the record of it, no
 * interrupt of a cell ends in the middle.
 */

/** The number is the same everywhere. */
const EINTR = 4;

/** The clock as it was when this was loaded: between the checks of a call and the call, nothing may run that a learner can replace. */
const now = performance.now.bind(performance);

/** The time at which a call is made; 0 when nobody wants to know. */
export function starting(): number {
  sections?.enter();
  return state.observer === undefined ? 0 : now();
}

/**
 * Reads errno, which must be the first thing after the call, and leaves a record.
 *
 * @param result what the function returned
 * @param start what `starting` gave before it
 * @returns the result when it is not -1, else minus the errno, as the kernel itself returns it
 */
export function returned(call: NamedCall, result: number, start: number): number {
  const errno = result === -1 ? lastErrno() : 0;
  const { observer } = state;
  if (observer !== undefined) tell(observer, { call, result, errno, start, end: now() });
  if (errno === EINTR) sections?.interrupted();
  sections?.leave();
  return result === -1 ? -errno : result;
}

function tell(observer: Observer, made: MadeCall): void {
  try {
    observer(made, state.context);
  } catch (error) {
    if (state.observer === observer) state.observer = undefined;
    process.stderr.write(`The calls are recorded no more, because the record has failed: ${errorWords(error)}\n`);
  }
}

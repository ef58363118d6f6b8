/** What the kernel's main thread and the thread that watches over it share: an Int32Array, and the places in it. */
export const FLAGS = 5;

/** Whether a cell runs its synchronous part. */
export const IN_CELL = 0;
/** Whether the kernel itself works, for example the compiler: that is not to be ended in the middle. */
export const AT_WORK = 1;
/** How many signals the thread has heard, and the number of the last one that the main thread knows of. */
export const HEARD = 2;
export const TAKEN = 3;
/** Whether the process is to end. */
export const ENDING = 4;

/** The symbol of the function that the main thread calls, in the middle of whatever it does, before that is ended. */
export const UNWIND = "socket-workshop.unwind";

/** What the thread tells. */
export type Told =
  /** It listens. */
  | { tell: "ready" }
  /** It has heard the signal. */
  | { tell: "heard"; number: number }
  /** It has ended what the main thread was doing. */
  | { tell: "ended"; number: number }
  /** The process that has started this one is gone. */
  | { tell: "orphaned" };

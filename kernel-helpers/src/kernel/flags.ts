/** What the kernel's main thread and the thread that watches over it share: an Int32Array, and the places in it. */
export const FLAGS = 7;

/** Whether a cell runs its synchronous part. */
export const IN_CELL = 0;
/** Whether the kernel itself works, for example the compiler: that is not to be ended in the middle. */
export const AT_WORK = 1;
/** How many signals the thread has heard, and the number of the last one that the main thread knows of. */
export const HEARD = 2;
export const TAKEN = 3;
/** Whether the process is to end. */
export const ENDING = 4;
/** How often the event loop has come round. */
export const TURNS = 6;
/** What the main thread has answered when it was asked to end what it does. */
export const ANSWER = 5;
export const Answer = {
  /** It has not come to it yet. */
  NONE: 0,
  /** It ends it. */
  ENDS: 1,
  /** It is in code that must not be ended in the middle: ask again. */
  NOT_NOW: 2,
  /** There is no need any more. */
  NO_NEED: 3,
} as const;

/** The symbol of the function that the main thread calls, in the middle of whatever it does, to end that. */
export const END_THIS = "socket-workshop.end-this";

/** What the thread tells. */
export type Told =
  /** It listens. */
  | { tell: "ready" }
  /** It has heard the signal. */
  | { tell: "heard"; number: number }
  /** The process that has started this one is gone. */
  | { tell: "orphaned" };

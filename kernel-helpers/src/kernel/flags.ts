/** What the kernel's main thread and the thread that watches over it share: an Int32Array, and the places in it. */
export const FLAGS = 12;

/**
 * Whether a cell runs its synchronous part, and what an interrupt may do to it: 0 when none does, else `lockOf(run, …)`. `run` counts these
 * parts from 1.
 */
export const LOCK = 0;
export const Lock = {
  /** The cell hears a signal first: nobody keeps it from ending code of ours in the middle. */
  UNGUARDED: 0,
  /** The thread hears a signal first, and may end what the cell does. */
  OPEN: 1,
  /** The main thread is in a section that is to be whole. */
  INSIDE: 2,
  /** The thread is about to end what the cell does: no section is begun. */
  ENDING: 3,
} as const;

/** The value at LOCK. */
export const lockOf = (run: number, state: (typeof Lock)[keyof typeof Lock]): number => run * 4 + state;
/** The run that it belongs to; 0 for none. */
export const runIn = (lock: number): number => lock >>> 2;
/** After so many runs they are counted from 1 again. */
export const LAST_RUN = 2 ** 28;

/** Whether the kernel itself works, for example the compiler: that is not to be ended in the middle. */
export const AT_WORK = 1;
/** How many signals the thread has heard, and the number of the last one that the main thread knows of. */
export const HEARD = 2;
export const TAKEN = 3;
/** Whether the process is to end. */
export const ENDING = 4;
/** How often the event loop has come round. */
export const TURNS = 6;
/** The run that is to be guarded. */
export const WANTED = 7;
/** The run that is to be ended. */
export const PENDING = 8;
/** The run that waits for its end, at the beginning of a section. */
export const PARKED = 9;
/** Changes whenever there is something for the thread to look at. */
export const KNOCKS = 10;
/** How often the thread has begun to ask the main one to end what it does. */
export const ROUND = 11;
/** What the main thread has answered when it was asked to end what it does. */
export const ANSWER = 5;
export const Answer = {
  /** It has not come to it yet. */
  NONE: 0,
  /** It ends it; or, asked only where it is, it may be ended there. */
  ENDS: 1,
  /** It is in code that must not be ended in the middle: ask again. */
  NOT_NOW: 2,
  /** There is no need any more. */
  NO_NEED: 3,
} as const;

/** The name, in the global object, of the function that the main thread calls, in the middle of whatever it does, to end that. */
export const END_THIS = "socket-workshop.end-this";
/** The name of the function that it calls so to tell whether it is in the middle of code that should not be ended. */
export const WHERE = "socket-workshop.where";

/** What the thread tells. */
export type Told =
  /** It listens. */
  | { tell: "ready" }
  /** It has heard the signal. */
  | { tell: "heard"; number: number }
  /** The process that has started this one is gone. */
  | { tell: "orphaned" };

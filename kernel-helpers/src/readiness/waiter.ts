import type { Ready } from "./poller";

/** One pending wait. */
export interface Waiter {
  /** The run of the cell that began it. */
  readonly run: unknown;
  readonly background: boolean;
  /** What it is, for words about it: "recv (cell 3)". */
  readonly label?: string | undefined;
  /** Those that began before and after it, in the list of all that are pending. */
  before?: Waiter | undefined;
  after?: Waiter | undefined;
  /** It has ended well. */
  done?: boolean;
  /** Ends the wait with an error. */
  fail(error: unknown): void;
  /** Ends it with the error of an interrupt: at once, or (false) later, unless it ends well. */
  interrupt(): boolean;
  /** Ends it because its descriptor is closed. */
  close(): void;
  /**
   * Tries the call again. False: it still would block.
   *
   * @param at when it was found ready, where that is known
   */
  advance(at: number | undefined): boolean;
  /** Whether there can be more although the call would block: it has not looked at all that was there. */
  leavesMore?(): boolean;
}

/** What is told that its descriptor is ready. */
export interface Watched {
  ready(directions: Ready, at: number): void;
}

import type { CallRecord } from "../libc/call";
import { forget, mode, records, setMode, silently, steps } from "./recorder";
import type { Mode, Step } from "./step";

/**
 * The record of every system call, and how much of it the cells print.
 *
 * The record goes on whatever is printed; the pictures are drawn from it.
 */
export const trace = {
  /** One line per call, as you wrote it. This is how a notebook starts. */
  short(): void {
    setMode("short");
  },
  /**
   * One line per system call in the words of strace(1): flags, addresses and retries included. Only what the pictures ask after each step,
   * the TCP states, is left out of the cell; `records()` has it.
   */
  exact(): void {
    setMode("exact");
  },
  /** Prints nothing; the record goes on. */
  off(): void {
    setMode("off");
  },
  /**
   * Prints nothing while an action is under way, also when it fails or is interrupted; then it is as before. The record goes on.
   *
   * @param action for example a loop with many calls; it may be one to await
   * @returns what the action returns
   */
  silently<T>(action: () => T): T {
    return silently(action);
  },
  /** "short", "exact" or "off". */
  get mode(): Mode {
    return mode();
  },
  /** The steps so far, oldest first: at most 20,000 of them. */
  steps(): readonly Step[] {
    return steps();
  },
  /**
   * Every system call so far in the order in which they were made, also those that helpers made to look, to wait and to probe.
   *
   * @param pid only those of this process; without it those of the notebook and of its other processes
   */
  records(pid?: number): CallRecord[] {
    return records(pid);
  },
  /** Forgets the record. */
  clear(): void {
    forget();
  },
};

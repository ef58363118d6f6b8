import { integerBetween, isCallable, shown } from "../bytes/arguments";
import type { CallRecord } from "../calls/table";
import { steps } from "./kept-steps";
import { forget, records } from "./record";
import { mode, setMode, silently } from "./recorder";
import type { Mode, Step } from "./step";

/** A learner may freeze what is given, or write into it: a step that still waits could not be ended then. */
const copied = (record: CallRecord): CallRecord => ({ ...record, call: { ...record.call } });

/**
 * The record of every system call, and how much of it the cells print.
 *
 * The record goes on whatever is printed; the pictures are drawn from it. See man 1 strace.
 */
export const trace = {
  /**
   * One line per call, as you wrote it. This is how a notebook starts. It holds for the whole notebook, until another one is chosen.
   *
   * @throws Errors: none
   */
  short(): void {
    setMode("short");
  },
  /**
   * One line per system call in the words of strace(1): flags, addresses and retries included. Only what the pictures ask after each step,
   * the TCP states, is left out of the cell; `records()` has it. It holds for the whole notebook, until another one is chosen.
   *
   * Manual: man 1 strace.
   *
   * @throws Errors: none
   */
  exact(): void {
    setMode("exact");
  },
  /**
   * Prints nothing; the record goes on. It holds for the whole notebook, until another one is chosen.
   *
   * @throws Errors: none
   */
  off(): void {
    setMode("off");
  },
  /**
   * Runs an action whose calls print nothing, and neither do those of all that it starts, however long that goes on, also when it fails or
   * is interrupted. Other calls, such as those of the next cell, print as before. The record goes on.
   *
   * @param action for example a loop with many calls; it may be one to await
   * @returns Returns what the action returns: a promise as it is, so that no deadline begins before you await it
   * @throws Errors: those of the action; TypeError for what is no function
   */
  silently<T>(action: () => T): T {
    if (!isCallable(action)) {
      throw new TypeError(
        `trace.silently takes a function, so that it can make the calls: trace.silently(() => client.send("hello")), not ${shown(action)}.`,
      );
    }
    return silently(action);
  },
  /** What the code in progress prints: "short", "exact" or "off". */
  get mode(): Mode {
    return mode();
  },
  /**
   * The steps so far: one for each line of the short trace, with the system calls that were made for it. They are plain data, and copies.
   *
   * @param last at most so many, the newest: an integer from 0; all that are kept unless told
   * @returns Returns them oldest first: at most 5,000, and fewer when they take more than 24 MB or have more than 20,000 system calls
   * @throws Errors: TypeError and RangeError for what is no such integer
   */
  steps(last?: number): readonly Step[] {
    const most = last === undefined ? last : integerBetween("The number of steps", last, 0, Number.MAX_SAFE_INTEGER);
    return steps(most).map((step) => ({ ...step, calls: step.calls.map(copied) }));
  },
  /**
   * Every system call so far in the order in which they were made, also those that helpers made to look, to wait and to probe.
   *
   * @param pid only those of the process with this number, an integer from 1; without it those of the notebook and of its other processes
   * @returns Returns those that are kept: of the steps, and the last 20,000 of the helpers, fewer when they take more than 24 MB. Of a step with more than 64, the first 16 and the last 48
   * @throws Errors: TypeError and RangeError for what is no such integer
   */
  records(pid?: number): CallRecord[] {
    return records(pid === undefined ? pid : integerBetween("The process number", pid, 1, 0x7fffffff)).map(copied);
  },
  /**
   * Forgets the record: the pictures begin anew. The sockets stay as they are.
   *
   * @throws Errors: none
   */
  clear(): void {
    forget();
  },
};

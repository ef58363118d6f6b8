import type { CallRecord } from "../libc";
import { forget, type Mode, mode, setMode, startRecording, steps } from "./recorder";
import type { Step } from "./step";

export { exactAddress, exactLine, exactText } from "./exact";
export { print } from "./print";
export { Backstage, beginStep, cancelStep, during, endStep, type Mode, onStep, say, stepWaits } from "./recorder";
export { callLine, shortLine } from "./short";
export { type Outcome, ownCall, type Step } from "./step";

startRecording();

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
  /** One line per system call in the words of strace(1): flags, addresses and retries included. */
  exact(): void {
    setMode("exact");
  },
  /** Prints nothing; the record goes on. */
  off(): void {
    setMode("off");
  },
  /** "short", "exact" or "off". */
  get mode(): Mode {
    return mode();
  },
  /** The steps so far, oldest first: at most 20,000 of them. */
  steps(): readonly Step[] {
    return steps().filter((step) => step.name !== undefined);
  },
  /** Every system call of the steps so far, in the order in which they were made. */
  records(): CallRecord[] {
    return steps()
      .flatMap((step) => step.calls)
      .sort((a, b) => a.start - b.start);
  },
  /** Forgets the record. */
  clear(): void {
    forget();
  },
};

import type { CallName, CallRecord } from "../calls/table";

/** How much of the record the cells print. */
export type Mode = "short" | "exact" | "off";

/** How a step ended: what the call returned, or its errno's name. `closed` and `timeout` are ends without a system call. */
export type Outcome =
  | {
      /** What the call returned: how many bytes, a descriptor, or 0. */
      result: number;
    }
  | {
      /** The errno's name: "EADDRINUSE". */
      error: string;
      /** The errno's number, positive as in C. */
      errno: number;
    }
  | {
      /** What ended it without an answer of the system. */
      ended: "timeout" | "interrupted" | "closed";
    };

/**
 * One line of the learner's program: one call on one handle, with every system call that was made for it.
 *
 * Steps are plain data: the pictures are drawn from them, and from nothing else.
 */
export interface Step {
  /** Counts from 1 in the order in which the calls began. */
  readonly id: number;
  /** The process number of the process that made the call. */
  readonly pid: number;
  /** The handle's name: the lane in the pictures. */
  readonly handle: string;
  /** The execution count of the cell, from 1, where it is known. */
  readonly cell: number | undefined;
  /** The call that the learner made. */
  readonly name: CallName;
  /** The descriptor that the call is made on, 0 or more, where there is one already. */
  readonly fd: number | undefined;
  /** The system calls, in order; of very many, the first and the last ones. */
  calls: CallRecord[];
  /** How many system calls after the first ones the record has left out. */
  leftOut?: number | undefined;
  /** It was begun inside `trace.silently`: it prints nothing. */
  readonly silent: boolean;
  /** In milliseconds since the process started: when the first system call was made, or when it had to begin to wait for that. */
  start: number;
  /** When the call had to begin to wait, if it had to: milliseconds, on the same clock. */
  waitedFrom?: number | undefined;
  /**
   * When the system told that it need not wait any longer, where that is known: milliseconds, on the same clock. The event loop can have been
   * busy, and come to it later: a wait ends here, and the step at `end`.
   */
  readyAt?: number | undefined;
  /** When it ended: milliseconds, on the same clock; undefined as long as it goes on. */
  end?: number | undefined;
  /** How it ended. */
  outcome?: Outcome | undefined;
  /** For accept: the new handle's name. */
  opened?: string | undefined;
  /** The local address at that time, as text, where it is known. */
  local?: string | undefined;
  /** The peer's, in the same way. */
  peer?: string | undefined;
}

/** The step's own system call: the last one made under the step's name. */
export function ownCall({ calls, name }: Step): CallRecord | undefined {
  for (let i = calls.length - 1; i >= 0; i--) {
    const record = calls[i] as CallRecord;
    if (record.call.name === name) return record;
  }
  return undefined;
}

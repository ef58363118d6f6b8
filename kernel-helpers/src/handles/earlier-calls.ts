import { afresh, cellRun, insideKernel } from "../cells";
import { placeInCell } from "./cell-place";

/** How many calls of one kind are remembered for each run of a cell. */
const REMEMBERED = 16;

/** A run of a cell, and the place in its text at which a call stands. */
export interface CellPlace {
  run: unknown;
  /** As {@link placeInCell} tells it. */
  where: string;
}

let elsewhere: CellPlace | undefined;
afresh(() => {
  elsewhere = undefined;
});

/** Makes calls that stand in a cell of another process's notebook: they are "run again" when that cell is. */
export function onBehalfOf<T>(cell: CellPlace | undefined, action: () => T): T {
  elsewhere = cell;
  try {
    return action();
  } finally {
    elsewhere = undefined;
  }
}

/** What an earlier run of the same cell got from the same call. */
export interface Earlier<T = unknown> {
  /** The value it got; undefined while it still waits. */
  value?: T;
  /** The wait, while it waits. */
  pending?: Promise<T>;
}

interface Entry extends Earlier {
  run: unknown;
}

/**
 * Knows when a cell is run again.
 *
 * A socket's life goes only forward: the second bind() of one socket is EINVAL, a second accept() waits for a second client. A learner
 * who runs such a cell again has made no mistake: the system call is made and its answer is shown, and what the first run reached stays.
 * A call is "the same" when it stands at the same place of the same cell text, in a later run. What goes on in the background from an
 * earlier cell is none of the running cell's calls.
 */
export class EarlierCalls {
  /** Made with the first: a handle of a server has none. */
  private entries: Map<string, Entry> | undefined;
  private run: unknown;
  private inThisRun = 0;
  private off = false;

  /** From now on no call is one of a cell: a server makes them. */
  none(): void {
    this.off = true;
    this.entries = undefined;
  }

  /** The place in the cell that the call in progress was written at; undefined outside a kernel. */
  place(kind: string): CallPlace | undefined {
    if (this.off || (elsewhere === undefined && !insideKernel())) return undefined;
    const run = elsewhere?.run ?? cellRun();
    if (run !== this.run) {
      this.run = run;
      this.inThisRun = 0;
    }
    // Looking for the place costs about 4 µs: a loop with thousands of calls pays it for the first ones only. What those got is forgotten:
    // a loop that is run again must not be told what a single one of its calls got before.
    this.inThisRun += 1;
    if (this.inThisRun === REMEMBERED + 1) this.forgetDone();
    if (this.inThisRun > REMEMBERED) return undefined;
    const where = elsewhere?.where ?? placeInCell();
    if (where === undefined) return undefined;
    this.entries ??= new Map();
    return new CallPlace(this.entries, `${kind} ${where}`, run, where);
  }

  private forgetDone(): void {
    for (const [key, entry] of this.entries ?? []) if (entry.pending === undefined) this.entries?.delete(key);
  }
}

/** One call's place, with what an earlier run reached there. */
export class CallPlace {
  constructor(
    private readonly entries: Map<string, Entry>,
    private readonly key: string,
    private readonly run: unknown,
    /** Where in the cell it stands: see {@link placeInCell}. */
    readonly where: string,
  ) {}

  /** What an earlier run of this cell reached with this call, if there was one. */
  earlier<T>(): Earlier<T> | undefined {
    const entry = this.entries.get(this.key);
    return entry === undefined || entry.run === this.run ? undefined : (entry as Earlier<T>);
  }

  remember(what: Earlier): void {
    this.entries.set(this.key, { ...what, run: this.run });
  }

  forget(): void {
    this.entries.delete(this.key);
  }
}

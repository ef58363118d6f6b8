import { currentCell, insideKernel, runOfCell, startedBy, within } from "../cells/cell";
import { indented } from "../errors";
import { SENTENCES } from "../errors/sentences";
import { print } from "./print";

/**
 * How many lines of the trace one run of a cell prints. Nobody reads more, and a page with thousands of them is slow. What a learner prints
 * is left out only where it could not be shown (kernel/cell-output.ts).
 */
export const LINES = 300;

/** How long, in milliseconds, lines of the background are counted until it is said how many were not printed. */
const SOON = 1000;

interface Printed {
  lines: number;
  /** How many lines were not printed. */
  more: number;
}

/** Of each run of a cell. On the stock kernel a run is known by a function, which lives as long as the kernel. */
const printed = new WeakMap<object, Printed>();
let last: { run: unknown; printed: Printed } | undefined;

/** Whether the code in progress may print one more line of the trace. In a plain program it always may: a terminal has room. */
export function mayPrint(): boolean {
  if (!insideKernel()) return true;
  const run = startedBy();
  // Most lines are printed by the run that has printed the one before.
  if (last?.run !== run) last = { run, printed: ofRun(runOfCell(run) as object) };
  const count = last!.printed;
  if (count.lines < LINES) {
    count.lines += 1;
    return true;
  }
  count.more += 1;
  if (count.more === 1) tellLater(run, count);
  return false;
}

function ofRun(run: object): Printed {
  let found = printed.get(run);
  if (found === undefined) {
    found = { lines: 0, more: 0 };
    printed.set(run, found);
  }
  return found;
}

/** Once: at the end of the cell, where there is one; of what goes on in the background, after a while. */
function tellLater(run: unknown, count: Printed): void {
  const cell = currentCell();
  // The stock kernel does not tell when a cell ends, and what is printed later may belong to another one.
  if (cell === undefined) print(indented(SENTENCES.linesNotPrinted(`${LINES}`)));
  else if (!cell.beforeEnd(() => tell(count))) setTimeout(() => within(run, () => tell(count)), SOON).unref();
}

function tell({ more }: Printed): void {
  print(
    indented(SENTENCES.moreLines(more === 1 ? "1 more line of this cell is" : `${more} more lines of this cell are`)),
  );
}

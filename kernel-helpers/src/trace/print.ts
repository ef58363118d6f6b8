import { folded } from "../errors";
import { insideKernel } from "../readiness";

/** Writes a line to the cell. `process.stdout.write` is the cell's own under tslab, so it is looked up each time. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A line of the trace. A cell breaks it between words; a terminal is as wide as its user makes it, and its lines can be searched for. */
export function printLine(line: string): void {
  print(insideKernel() ? folded(line) : line);
}

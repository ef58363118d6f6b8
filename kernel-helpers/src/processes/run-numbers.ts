import { startedBy } from "../cells";

/** How many are known before those are looked for that nobody holds any more. */
const KNOWN = 1000;

/** The runs of cells, by the numbers under which other processes know them. */
const runs = new Map<number, WeakRef<object>>();
const numbers = new WeakMap<object, number>();
let count = 0;

/** The number of the run that has started the code in progress. */
export function numberOfRun(): number {
  const run = startedBy() as object;
  let number = numbers.get(run);
  if (number !== undefined) return number;
  if (runs.size >= KNOWN) for (const [known, ref] of runs) if (ref.deref() === undefined) runs.delete(known);
  count += 1;
  number = count;
  numbers.set(run, number);
  runs.set(number, new WeakRef(run));
  return number;
}

/** The run with this number; that of the code in progress when it is not known. */
export function runWithNumber(number: number | undefined): unknown {
  return (number === undefined ? undefined : runs.get(number)?.deref()) ?? startedBy();
}

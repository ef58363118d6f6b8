/** What is to be reached: by the ratio where there is one, else by the figure itself. */
export interface Goal {
  atMost?: number;
  atLeast?: number;
}

/** One line of the table that `npm run bench` ends with. */
export interface Figure extends Goal {
  what: string;
  value: number;
  unit: "ms" | "µs" | "/s" | "MB";
  /** Whose figure it is held against, and what that was in the same run. */
  by?: { who: string; value: number };
  /** The median of the ratios of the two, each of one turn: what else the machine does in a turn slows both down. */
  ratio?: number;
}

/** What the tests of the bench have found: the last lines of the run are made of it. */
export interface Findings {
  figures?: Figure[];
  /** What could not be measured on this machine, and why. */
  notes?: string[];
}

declare module "vitest" {
  interface TaskMeta extends Findings {}
}

/** Puts figures into the table. None of them fails a test: a bench fails when something does not work. */
export function put({ meta }: { meta: Findings }, figures: readonly Figure[]): void {
  meta.figures = [...(meta.figures ?? []), ...figures];
}

/** Says below the table what is not in it. */
export function note({ meta }: { meta: Findings }, text: string): void {
  meta.notes = [...(meta.notes ?? []), text];
}

/** The middle value; of an even number, the upper of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** A figure out of the turns of one. */
export function figureOf(what: string, unit: Figure["unit"], turns: readonly number[], goal: Goal = {}): Figure {
  return { what, value: median(turns), unit, ...goal };
}

/** A figure out of the turns of two that were measured one after the other. */
export function compared(
  what: string,
  unit: Figure["unit"],
  turns: readonly number[],
  [who, others]: readonly [who: string, turns: readonly number[]],
  goal: Goal = {},
): Figure {
  const ratio = median(turns.map((value, i) => value / others[i]!));
  return { ...figureOf(what, unit, turns, goal), by: { who, value: median(others) }, ratio };
}

/** Whether a figure has a goal, and reaches it. */
export function reaches({ value, ratio, atMost, atLeast }: Figure): boolean | undefined {
  if (atMost === undefined && atLeast === undefined) return undefined;
  const judged = ratio ?? value;
  return judged <= (atMost ?? Number.POSITIVE_INFINITY) && judged >= (atLeast ?? 0);
}

/** How long it takes, in milliseconds. */
export async function timed(action: () => unknown): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** The fastest of so many, in milliseconds: whatever else the machine does can only add to it. */
export function fastest(times: number, action: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < times; turn += 1) {
    const started = performance.now();
    action();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

import { expect } from "vitest";

/** One line of the table that `npm run bench` ends with. */
export interface Figure {
  what: string;
  value: number;
  /** "×": a ratio of two figures that were measured in turns, so that what else the machine does slows both down. */
  unit: "ms" | "µs" | "/s" | "×";
  atMost?: number;
  atLeast?: number;
}

declare module "vitest" {
  interface TaskMeta {
    figures?: Figure[];
  }
}

/** Whether a figure is as it should be; those without a limit are there to be read. */
export const isGood = ({ value, atMost = Number.POSITIVE_INFINITY, atLeast = 0 }: Figure): boolean =>
  value <= atMost && value >= atLeast;

/** Puts the figures of a test into the table, and fails the test if one is not as it should be. */
export function judge({ meta }: { meta: { figures?: Figure[] } }, figures: Figure[]): void {
  meta.figures = [...(meta.figures ?? []), ...figures];
  for (const { what, value, atMost, atLeast } of figures) {
    if (atMost !== undefined) expect.soft(value, what).toBeLessThanOrEqual(atMost);
    if (atLeast !== undefined) expect.soft(value, what).toBeGreaterThanOrEqual(atLeast);
  }
}

/** The middle value; of an even number, the upper of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** How long it takes, in milliseconds. */
export async function timed(action: () => unknown): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

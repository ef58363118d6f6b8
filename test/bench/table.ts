import type { Reporter, TestModule } from "vitest/node";
import { type Figure, isGood } from "./figures.js";

const digits = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

const limit = ({ atMost, atLeast }: Figure): string => {
  if (atMost !== undefined) return `at most ${atMost}`;
  return atLeast === undefined ? "" : `at least ${atLeast}`;
};

/** The figures of a run as lines, each with its limit and whether it keeps it. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.what,
    digits(figure.value),
    figure.unit,
    limit(figure),
    limit(figure) && (isGood(figure) ? "✓" : "✗"),
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column]!.length)));
  const line = (row: string[]) =>
    row
      .map((text, column) => (column === 1 ? text.padStart(widths[column]!) : text.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  return rows.map(line).join("\n");
}

/** Prints all figures at the end of `npm run bench`. */
export class Table implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    console.log(`${tableOf(tests.flatMap((test) => test.meta().figures ?? []))}\n`);
  }
}

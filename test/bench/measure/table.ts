import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import type { Reporter, TestModule } from "vitest/node";
import { type Figure, type Findings, reaches } from "./figures.js";

const FOLDER = "test-artifacts";
const FILE = join(FOLDER, "bench.json");

const HEAD = ["", "", "", "by", "", "ratio", "goal", ""];
/** The columns of numbers. */
const RIGHT = new Set([1, 4, 5]);

const digits = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

function goalOf({ atMost, atLeast }: Figure): string {
  if (atMost !== undefined) return `at most ${atMost}`;
  return atLeast === undefined ? "" : `at least ${atLeast}`;
}

function rowOf(figure: Figure): string[] {
  const { what, value, unit, by, ratio } = figure;
  const reached = reaches(figure);
  return [
    what,
    digits(value),
    unit,
    by?.who ?? "",
    by === undefined ? "" : digits(by.value),
    ratio === undefined ? "" : ratio.toFixed(2),
    goalOf(figure),
    reached === undefined ? "" : reached ? "✓" : "✗",
  ];
}

/** The figures of a run as lines: ours, whose they are held against, the ratio, the goal and whether it is reached. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = [HEAD, ...figures.map(rowOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const cell = (text: string, column: number): string =>
    RIGHT.has(column) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!);
  return rows.map((row) => row.map(cell).join("  ").trimEnd()).join("\n");
}

/** Prints all figures at the end of `npm run bench`, and writes them into a file. */
export class Table implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const inOrder = [...modules].sort((a, b) => (a.moduleId < b.moduleId ? -1 : 1));
    const found: Findings[] = inOrder.flatMap((module) => [...module.children.allTests()]).map((test) => test.meta());
    const figures = found.flatMap((one) => one.figures ?? []);
    const notes = [...new Set(found.flatMap((one) => one.notes ?? []))];
    if (figures.length > 0) console.log(`${tableOf(figures)}\n`);
    for (const text of notes) console.log(`(${text})`);
    mkdirSync(FOLDER, { recursive: true });
    const machine = { processors: cpus().map(({ model }) => model), load: loadavg(), node: process.version };
    writeFileSync(FILE, `${JSON.stringify({ at: new Date().toISOString(), machine, figures, notes }, undefined, 2)}\n`);
    console.log(`The same as JSON: ${FILE}`);
  }
}

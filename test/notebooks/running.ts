import { expect } from "vitest";
import type { Cell, Kernel } from "../support/jupyter/index.js";
import { SOON } from "../support/time.js";

/** Words under which tslab reports what went wrong outside a cell's own code. */
export const STRAY = /UncaughtException|UnhandledPromiseRejection/;

/** Runs the cells in this order and returns them; every one must end well. */
export async function runAll(kernel: Kernel, sources: readonly { id: string; source: string }[]): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const { id, source } of sources) {
    const cell = await kernel.execute(source, { cellId: id });
    const shown = `${id}\n${source}\n${cell.stdout}\n${cell.stderr}\n${cell.errors.map((error) => error.traceback.join("\n"))}`;
    expect(cell.status, shown).toBe("ok");
    cells.push(cell);
  }
  for (const cell of cells) {
    expect(cell.stderr, cell.code).not.toMatch(STRAY);
    expect(cell.errors, cell.code).toEqual([]);
  }
  return cells;
}

/** Every socket of the kernel must be closed at the end: what the first run left is what is there after the last. */
export async function openHandles(kernel: Kernel): Promise<string> {
  const cell = await kernel.execute(`require("kernel-helpers").handles()`);
  expect(cell.status).toBe("ok");
  return cell.stdout;
}

/** Every cell twice in a row. */
export const twice = <T>(cells: readonly T[]): T[] => cells.flatMap((cell) => [cell, cell]);

/** A learner jumps about: cells may fail then, with a clear error, but nothing may break. */
export async function jumpAbout(kernel: Kernel, cells: readonly { id: string; source: string }[]): Promise<void> {
  for (const { id, source } of cells) {
    const done = kernel.submit(source, { stopOnError: false });
    // A cell that waits for what cannot come any more is interrupted, as a learner would do.
    const waits = new Promise((resolve) => setTimeout(resolve, 1_500));
    await Promise.race([kernel.finish(done), waits]);
    if (!done.finished) kernel.interrupt();
    await kernel.finish(done, SOON);
    expect(["ok", "error"], id).toContain(done.status);
    expect(done.stderr, source).not.toMatch(STRAY);
  }
}

/** The same order in every run: sorted by the numbers of a linear congruential generator. */
export function inChanceOrder<T>(values: readonly T[], seed: number): T[] {
  let state = seed;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  return values
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

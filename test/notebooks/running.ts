import { expect } from "vitest";
import type { Cell, Kernel } from "../support/jupyter/index.js";

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

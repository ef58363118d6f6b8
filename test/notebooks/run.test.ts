import { describe, expect, test } from "vitest";
import { type Cell, type Kernel, withKernel } from "../support/jupyter/index.js";
import { type Notebook, notebookNames, readNotebook } from "../support/notebooks.js";

/** Words under which tslab reports what went wrong outside a cell's own code. */
const STRAY = /UncaughtException|UnhandledPromiseRejection/;

/** Runs the cells in this order and returns them; every one must end well. */
async function runAll(kernel: Kernel, sources: { id: string; source: string }[]): Promise<Cell[]> {
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
async function openHandles(kernel: Kernel): Promise<string> {
  const cell = await kernel.execute(`require("kernel-helpers").handles()`);
  expect(cell.status).toBe("ok");
  return cell.stdout;
}

/** Milliseconds: the longest notebook takes some 6 s for a round on an idle machine. */
const BUDGET_MS = 120_000;

function twice(notebook: Notebook): Notebook["code"] {
  return notebook.code.flatMap((cell) => [cell, cell]);
}

describe.each(notebookNames())("%s", (name) => {
  const notebook = readNotebook(name);

  test.each(["ours", "stock"] as const)(
    "runs to the end three times in one kernel (%s)",
    { timeout: BUDGET_MS },
    async (spec) => {
      await withKernel({ spec }, async (kernel) => {
        for (let round = 0; round < 3; round++) await runAll(kernel, notebook.code);
        expect(await openHandles(kernel)).toContain("No handle is open.");
      });
    },
  );

  test.each(["ours", "stock"] as const)("runs with every cell run twice (%s)", { timeout: BUDGET_MS }, async (spec) => {
    await withKernel({ spec }, async (kernel) => {
      await runAll(kernel, twice(notebook));
      expect(await openHandles(kernel)).toContain("No handle is open.");
    });
  });
});

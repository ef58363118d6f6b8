import { describe, expect, test } from "vitest";
import { type Kernel, withKernel } from "../support/jupyter/index.js";
import { type NotebookCell, notebookNames, readNotebook, solved } from "../support/notebooks.js";
import { LONG_PATIENCE_MS, SOON } from "../support/time.js";
import { openHandles, runAll, STRAY } from "./running.js";

const twice = (cells: NotebookCell[]) => cells.flatMap((cell) => [cell, cell]);

// Four kernels at a time: most of a notebook's time is waiting, and nothing here says how soon anything must have happened.
describe.each(notebookNames())("%s", { concurrent: true, timeout: LONG_PATIENCE_MS }, (name) => {
  const notebook = readNotebook(name);

  // In ours: elsewhere.test.ts, which looks at what the cells show as well.
  test("runs to the end, and in the same kernel again with every cell run twice (stock)", async () => {
    await withKernel({ spec: "stock" }, async (kernel) => {
      await runAll(kernel, notebook.code);
      await runAll(kernel, twice(notebook.code));
      expect(await openHandles(kernel)).toContain("No handle is open.");
    });
  });

  test("runs with every cell run twice, its exercise solved; survives a chance order, and runs to the end afterwards (ours)", async () => {
    await withKernel({ spec: "ours" }, async (kernel) => {
      const cells = twice(solved(notebook));
      const ran = await runAll(kernel, cells);
      const checked = ran.filter((_, at) => cells[at]!.tags.includes("check"));
      for (const { stdout } of checked) expect(stdout).toMatch(/^(?:✓ .*\n)+$/);
      await jumpAbout(kernel, inChanceOrder(notebook.code, name.length));
      await runAll(kernel, notebook.code);
      expect(await openHandles(kernel)).toContain("No handle is open.");
    });
  });
});

/** A learner jumps about: cells may fail then, with a clear error, but nothing may break. */
async function jumpAbout(kernel: Kernel, cells: NotebookCell[]): Promise<void> {
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
function inChanceOrder<T>(values: readonly T[], seed: number): T[] {
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

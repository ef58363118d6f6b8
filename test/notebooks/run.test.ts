import { describe, expect, test } from "vitest";
import { jumpAbout } from "../soak/chance-order.js";
import { freshSeed, Random } from "../soak/random.js";
import { withKernel } from "../support/jupyter/index.js";
import { type NotebookCell, notebookNames, readNotebook, solved } from "../support/notebooks.js";
import { LONG_PATIENCE_MS } from "../support/time.js";
import { openHandles, runAll } from "./running.js";

/** SOAK_SEED=… makes the same orders again; `npm run soak` makes more of them. */
const seed = Number(process.env.SOAK_SEED ?? freshSeed());

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

  test(`runs with every cell run twice, its exercise solved; survives a chance order (seed ${seed}), and runs to the end afterwards (ours)`, async () => {
    await withKernel({ spec: "ours" }, async (kernel) => {
      const cells = twice(solved(notebook));
      const ran = await runAll(kernel, cells);
      const checked = ran.filter((_, at) => cells[at]!.tags.includes("check"));
      for (const { stdout } of checked) expect(stdout).toMatch(/^(?:✓ .*\n)+$/);
      expect(await jumpAbout(kernel, notebook.code, new Random(seed)), `seed ${seed}`).toEqual([]);
      expect(await openHandles(kernel)).toContain("No handle is open.");
    });
  });
});

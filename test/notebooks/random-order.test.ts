import { describe, expect, test } from "vitest";
import { withKernel } from "../support/jupyter/index.js";
import { notebookNames, readNotebook } from "../support/notebooks.js";
import { LONG_PATIENCE_MS, SOON } from "../support/time.js";

const STRAY = /UncaughtException|UnhandledPromiseRejection/;

/** Numbers from 0 to 1 that are the same in every run (a linear congruential generator). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

/** A learner jumps about: cells may fail then, with a clear error, but nothing may break. */
describe.each(notebookNames())("%s", { concurrent: true, timeout: LONG_PATIENCE_MS }, (name) => {
  const notebook = readNotebook(name);

  test("survives its cells in a chance order, and runs to the end afterwards", async () => {
    await withKernel({ spec: "ours" }, async (kernel) => {
      for (const cell of notebook.code) expect((await kernel.execute(cell.source)).status, cell.id).toBe("ok");
      for (const cell of shuffled(notebook.code, numbers(name.length))) {
        const done = kernel.submit(cell.source, { stopOnError: false });
        // A cell that waits for what cannot come any more is interrupted, as a learner would do.
        const waits = new Promise((resolve) => setTimeout(resolve, 1_500));
        await Promise.race([kernel.finish(done), waits]);
        if (!done.finished) kernel.interrupt();
        await kernel.finish(done, SOON);
        expect(["ok", "error"], cell.id).toContain(done.status);
        expect(done.stderr, cell.source).not.toMatch(STRAY);
      }
      for (const cell of notebook.code) {
        const done = await kernel.execute(cell.source);
        expect(done.status, `${cell.id}\n${done.errors.map((error) => error.traceback.join("\n"))}`).toBe("ok");
      }
      expect((await kernel.execute(`require("kernel-helpers").handles()`)).stdout).toContain("No handle is open.");
    });
  });
});

import { describe, expect, test } from "vitest";
import { withKernel } from "../support/jupyter/index.js";
import { type Notebook, notebookNames, readNotebook } from "../support/notebooks.js";
import { LONG_PATIENCE_MS } from "../support/time.js";
import { openHandles, runAll } from "./running.js";

function twice(notebook: Notebook): Notebook["code"] {
  return notebook.code.flatMap((cell) => [cell, cell]);
}

const KERNELS = ["ours", "stock"] as const;

// Four kernels at a time: most of a notebook's time is waiting, and nothing here says how soon anything must have happened.
describe.each(notebookNames())("%s", { concurrent: true, timeout: LONG_PATIENCE_MS }, (name) => {
  const notebook = readNotebook(name);

  test.each(KERNELS)("runs to the end three times in one kernel (%s)", async (spec) => {
    await withKernel({ spec }, async (kernel) => {
      for (let round = 0; round < 3; round++) await runAll(kernel, notebook.code);
      expect(await openHandles(kernel)).toContain("No handle is open.");
    });
  });

  test.each(KERNELS)("runs with every cell run twice (%s)", async (spec) => {
    await withKernel({ spec }, async (kernel) => {
      await runAll(kernel, twice(notebook));
      expect(await openHandles(kernel)).toContain("No handle is open.");
    });
  });
});

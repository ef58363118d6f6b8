import { describe, expect, test } from "vitest";
import { withKernel } from "../support/jupyter/index.js";
import { notebookNames, readNotebook } from "../support/notebooks.js";
import { LONG_PATIENCE_MS } from "../support/time.js";
import { openHandles, runAll, twice } from "./running.js";

// Four kernels at a time: most of a notebook's time is waiting, and nothing here says how soon anything must have happened.
describe.each(notebookNames())("%s", { concurrent: true, timeout: LONG_PATIENCE_MS }, (name) => {
  const notebook = readNotebook(name);

  // In ours: elsewhere.test.ts, which looks at what the cells show as well.
  test("runs to the end with every cell run twice (stock)", async () => {
    await withKernel({ spec: "stock" }, async (kernel) => {
      await runAll(kernel, twice(notebook.code));
      expect(await openHandles(kernel)).toContain("No handle is open.");
    });
  });
});

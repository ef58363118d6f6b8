import { describe, expect, test } from "vitest";
import { withKernel } from "../support/jupyter/index.js";
import { type Notebook, notebookNames, readNotebook } from "../support/notebooks.js";
import { openHandles, runAll } from "./running.js";

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

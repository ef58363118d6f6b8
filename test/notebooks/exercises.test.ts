import { describe, expect, test } from "vitest";
import { withKernel } from "../support/jupyter/index.js";
import { type NotebookCell, notebookNames, readNotebook, solved } from "../support/notebooks.js";
import { LONG_PATIENCE_MS } from "../support/time.js";

/** What the check cells print when these cells are run. */
async function checksOf(cells: NotebookCell[]): Promise<string[]> {
  return withKernel({ spec: "ours" }, async (kernel) => {
    const printed: string[] = [];
    for (const { source, tags } of cells) {
      const done = await kernel.execute(source);
      expect(done.status, source).toBe("ok");
      if (tags.includes("check")) printed.push(...done.stdout.trim().split("\n"));
    }
    return printed;
  });
}

const withExercises = notebookNames().filter((name) =>
  readNotebook(name).code.some((cell) => cell.tags.includes("exercise")),
);

test("there are exercises", () => {
  expect(withExercises).toContain("01-connection-procedure");
});

// Both runs of a notebook at a time: nothing here says how soon anything must have happened.
describe.each(withExercises)("%s", { concurrent: true }, (name) => {
  const notebook = readNotebook(name);

  test("each exercise has one TODO, a check and a collapsed solution", () => {
    const tagged = (tag: string) => notebook.code.filter((cell) => cell.tags.includes(tag));
    expect(tagged("exercise").map((cell) => cell.source.match(/TODO/g)?.length)).toEqual([1]);
    expect(tagged("check")).toHaveLength(1);
    expect(tagged("solution")).toHaveLength(1);
  });

  test("fails as shipped", { timeout: LONG_PATIENCE_MS }, async () => {
    const printed = await checksOf(notebook.code.filter(({ tags }) => !tags.includes("solution")));
    expect(printed.length).toBeGreaterThan(0);
    for (const line of printed) expect(line).toMatch(/^✗ /);
  });

  test("passes when it is solved", { timeout: LONG_PATIENCE_MS }, async () => {
    const printed = await checksOf(solved(notebook));
    expect(printed.length).toBeGreaterThan(0);
    for (const line of printed) expect(line).toMatch(/^✓ /);
  });
});

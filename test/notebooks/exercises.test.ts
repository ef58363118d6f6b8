import { describe, expect, test } from "vitest";
import { notebookNames, readNotebook } from "../support/notebooks.js";

// That each fails as shipped and passes when it is solved: elsewhere.test.ts and run.test.ts, which run them.

const withExercises = notebookNames().filter((name) =>
  readNotebook(name).code.some((cell) => cell.tags.includes("exercise")),
);

test("there are exercises", () => {
  expect(withExercises).toContain("01-connection-procedure");
});

describe.each(withExercises)("%s", (name) => {
  const notebook = readNotebook(name);

  test("each exercise has one TODO, a check and a collapsed solution", () => {
    const tagged = (tag: string) => notebook.code.filter((cell) => cell.tags.includes(tag));
    expect(tagged("exercise").map((cell) => cell.source.match(/TODO/g)?.length)).toEqual([1]);
    expect(tagged("check")).toHaveLength(1);
    expect(tagged("solution")).toHaveLength(1);
  });
});

import { expect, test } from "vitest";
import { compared, type Findings, figureOf, note, put, reaches } from "../bench/measure/figures.js";
import { tableOf } from "../bench/measure/table.js";

test("a ratio is the median of the ratios of the turns, and what a goal is held against", () => {
  // The second turn was disturbed, for both.
  const figure = compared("send", "µs", [11, 110, 12], ["C", [10, 100, 10]], { atMost: 1.15 });
  expect(figure).toMatchObject({ value: 12, by: { who: "C", value: 10 } });
  expect(figure.ratio).toBeCloseTo(1.1);
  expect(reaches(figure)).toBe(true);
  expect(reaches({ ...figure, atMost: 1 })).toBe(false);
  expect(reaches(figureOf("send", "µs", [12], { atMost: 11 }))).toBe(false);
  expect(reaches(figureOf("rounds", "/s", [12], { atLeast: 11 }))).toBe(true);
  expect(reaches(figureOf("send", "µs", [12]))).toBeUndefined();
});

test("a figure that misses its goal stands in the table, and fails nothing", () => {
  const task = { meta: {} as Findings };
  put(task, [compared("send", "µs", [12], ["CPython", [10]], { atMost: 1.15 })]);
  put(task, [figureOf("another process is there", "ms", [345.6], { atMost: 1000 }), figureOf("alone", "MB", [0.5])]);
  note(task, "C is left out.");
  expect(task.meta.notes).toEqual(["C is left out."]);
  expect(tableOf(task.meta.figures!)).toBe(
    [
      "                                    by             ratio  goal",
      "send                      12.0  µs  CPython  10.0   1.20  at most 1.15  ✗",
      "another process is there   346  ms                        at most 1000  ✓",
      "alone                     0.50  MB",
    ].join("\n"),
  );
});

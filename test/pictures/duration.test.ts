import { expect, it } from "vitest";
import { duration, shortDuration } from "../../kernel-helpers/dist/pictures/duration.js";

it.each([
  [0.312, "0.31 ms", "0.31 ms"],
  [52, "52 ms", "52 ms"],
  [3210, "3.2 s", "3.2 s"],
  [125_000, "2 min 5 s", "125 s"],
  [3_599_000, "59 min 59 s", "3599 s"],
  [3_720_000, "1 h 2 min", "1:02 h"],
])("%d milliseconds are %s, and in seven letters %s", (time, long, short) => {
  expect([duration(time), shortDuration(time)]).toEqual([long, short]);
  expect(short.length).toBeLessThanOrEqual(7);
});

import { processWide } from "kernel-helpers/dist/cells/index.js";
import { expect, test } from "vitest";

test("processWide makes a value once, whoever asks", () => {
  const key = `test ${Math.random()}`;
  const value = processWide(key, () => ({}));
  expect(processWide(key, () => ({}))).toBe(value);
});

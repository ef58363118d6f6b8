import { describe, expect, test } from "vitest";
import { sourceFiles, textOf } from "../support/project-files.js";
import { BATTERY } from "./battery.js";

/** An id, or several, at the beginning of a title, or as the first place of a table's row. */
const CARRIED = /["'`]((?:[A-Z]\d{1,2}, )*[A-Z]\d{1,2}): |\[\s*"([A-Z]\d{1,2})",/g;
const FILES = /^test\/(real|kernel|unit|notebooks)\/.*\.test\.ts$/;

const carriedBy = (text: string): string[] =>
  [...text.matchAll(CARRIED)].flatMap(([, title, row]) => (title ?? row!).split(", "));

/** What a file must do that makes sockets in the tests' own process: compare the descriptors and the waits before and after each test. */
const GUARD = "guardDescriptors();";
/** In these, each case has a process of its own, which ends. */
const OWN_PROCESS = ["test/real/process.test.ts"];

describe("the battery", () => {
  const files = sourceFiles()
    .filter((path) => FILES.test(path))
    .map((path) => ({ path, text: textOf(path) }))
    .map((file) => ({ ...file, ids: carriedBy(file.text).filter((id) => id in BATTERY) }))
    .filter(({ ids }) => ids.length > 0);

  test("has a test for each of its cases", () => {
    const carried = new Set(files.flatMap(({ ids }) => ids));
    expect(Object.keys(BATTERY).filter((id) => !carried.has(id))).toEqual([]);
    expect(carried.size).toBeGreaterThan(100);
  });

  test("compares descriptors and waits before and after each case", () => {
    const real = files.filter(({ path }) => path.startsWith("test/real/") && !OWN_PROCESS.includes(path));
    expect(real.filter(({ text }) => !text.includes(GUARD)).map(({ path }) => path)).toEqual([]);
  });

  test("an id is found in a title, with others, and in a table, and nowhere else", () => {
    expect(carriedBy('test("S8, S9: before connect", () => {})')).toEqual(["S8", "S9"]);
    expect(carriedBy('test.each(X)("K14: %s ends", () => {})')).toEqual(["K14"]);
    expect(carriedBy('const CASES = [\n  [\n    "B2",\n    "bind twice"]];')).toEqual(["B2"]);
    expect(carriedBy('// B2: see there\nexpect(name).toBe("B2");')).toEqual([]);
  });
});

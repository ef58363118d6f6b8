import { ERRNO_MEANINGS } from "kernel-helpers/dist/facts/errno-meaning.js";
import { errno, errnoMeaning, errnoName, errnoText, factsOf } from "kernel-helpers/dist/facts/index.js";
import { describe, expect, test } from "vitest";

const codes = [...new Set([...Object.keys(factsOf("linux-x64").errno), ...Object.keys(factsOf("darwin-x64").errno)])];

describe("errors", () => {
  test("names and numbers are each other's way back", () => {
    for (const [code, number] of Object.entries(errno)) expect(errnoName(number)).toBe(code);
    expect(errnoName(99999)).toBe("99999");
    expect(errnoName(0)).toBe("0");
  });

  test("the texts are the system's", () => {
    expect(errnoText("EADDRINUSE")).toBe("Address already in use");
    expect(errnoText("99999")).toMatch(/^Unknown error:? 99999$/);
  });

  test("names that every object inherits are not errors", () => {
    expect(errnoText("constructor")).toMatch(/^Unknown error/);
    expect(errnoMeaning("toString")).toMatch(/^The system gave error toString/);
  });

  test.each(codes)("%s is explained in one sentence of its own", (code) => {
    const meaning = ERRNO_MEANINGS[code];
    expect(meaning).toMatch(/^[A-Z][^\n]+[^.]\.$/);
    expect(errnoMeaning(code)).toBe(meaning);
    expect(Object.values(ERRNO_MEANINGS).filter((other) => other === meaning)).toHaveLength(1);
  });

  test("nothing is explained that no platform has", () => {
    expect(Object.keys(ERRNO_MEANINGS).filter((code) => !codes.includes(code))).toEqual([]);
  });

  test("an unknown error is explained as unknown", () => {
    expect(errnoMeaning("99999")).toContain("99999");
  });
});

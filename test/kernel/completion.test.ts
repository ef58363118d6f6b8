import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answers } from "../support/jupyter/answers.js";
import { type Kernel, startKernel } from "../support/jupyter/index.js";

/* What Tab offers, with the cursor where `|` stands. */

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
});
afterAll(() => kernel?.stop());
const { run } = answers(() => kernel);

async function tab(code: string): Promise<{ matches: string[]; replaced: string }> {
  const cursor_pos = [...code.slice(0, code.indexOf("|"))].length;
  const whole = code.replace("|", "");
  const { content } = await kernel.request("complete_request", { code: whole, cursor_pos });
  expect(content).toMatchObject({ status: "ok" });
  const { matches, cursor_start, cursor_end } = content as {
    matches: string[];
    cursor_start: number;
    cursor_end: number;
  };
  return { matches, replaced: [...whole].slice(cursor_start, cursor_end).join("") };
}

describe("an import completes the names of the helpers", () => {
  test.each([
    ["import { so|", "so", ["socket", "sockets"]],
    ["import { so| }", "so", ["socket", "sockets"]],
    ["import {so|}", "so", ["socket", "sockets"]],
    ['import { so| } from "kernel-helpers"', "so", ["socket", "sockets"]],
    ['import { so| from "kernel-helpers"', "so", ["socket", "sockets"]],
    ["import { socket, clo|", "clo", ["closeAll"]],
    ["import { clo|, socket", "clo", ["closeAll"]],
    ["import {\n  socket,\n  clo|\n}", "clo", ["closeAll"]],
    ["import type { Han|", "Han", ["Handle"]],
    ["import { clo|\nconst after = { a: 1 };", "clo", ["closeAll"]],
    ["const before = 1;\nimport { AF_|", "AF_", ["AF_INET", "AF_INET6"]],
    ["/* 𝒳😀 */ 0;\nimport { clo|", "clo", ["closeAll"]],
    ['import { exists| } from "node:fs"', "exists", ["exists", "existsSync"]],
  ])("%j", async (code, word, names) => {
    const { matches, replaced } = await tab(code);
    expect(replaced).toBe(word);
    expect(matches).toEqual(expect.arrayContaining(names));
    expect(matches.slice(0, names.length).every((name) => name.startsWith(word))).toBe(true);
  });

  test("all of them before the first letter, but not those that are there", async () => {
    const { matches } = await tab("import { socket, |");
    expect(matches).toEqual(expect.arrayContaining(["attempt", "closeAll", "ladder"]));
    expect(matches).not.toContain("socket");
  });
});

test.each([
  ["const o = { so|", "socket"],
  ["function f() { so|", "socket"],
])("%j is no import, and does not offer what nobody has imported", async (code, name) => {
  expect((await tab(code)).matches).not.toContain(name);
});

test("names of a cell that has failed are completed", async () => {
  await kernel.execute("const leftBehind = { deep: 1 };\nthrow new Error('stop');\nconst notReached = 2;");
  expect((await tab("leftBe|")).matches).toContain("leftBehind");
  expect((await tab("leftBehind.de|")).matches).toEqual(["deep"]);
  expect((await tab("notRea|")).matches).not.toContain("notReached");
});

test("properties are completed in all places where they are taken out", async () => {
  await run("const settings = { port: 1, host: 'a', nested: { timeout: 5 } };");
  expect((await tab("const { po| } = settings")).matches).toContain("port");
  expect((await tab("const { nested: { ti| } } = settings")).matches).toContain("timeout");
  expect((await tab("for (const { ho| } of [settings]) {}")).matches).toContain("host");
});

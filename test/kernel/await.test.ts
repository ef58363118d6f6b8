import { afterAll, beforeAll, expect, test } from "vitest";
import { type Kernel, startKernel } from "../support/jupyter/index.js";

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
});
afterAll(() => kernel?.stop());

test.each([
  ["await (Promise.resolve(1));", "1"],
  ["await (async () => 2)()", "2"],
  ["const three = await (Promise.resolve(3)); three", "3"],
  ["(await (Promise.resolve({ a: 4 }))).a", "4"],
  ["await (await Promise.resolve(Promise.resolve(5)))", "5"],
  ["let six = 0; if (true) { six = await (Promise.resolve(6)); } six", "6"],
  ["let seven = 0; for await (const n of [3, 4]) seven += n; seven", "7"],
  ["async function* four() { yield 4; }\nlet eight = 4;\nfor await (const n of four()) { eight += n; }\neight", "8"],
  ["let nine = 0; { for await (const n of [4, 5]) nine += await (Promise.resolve(n)); } nine", "9"],
  ["await [10][0]", "10"],
  ["await Promise.resolve(5) + await (6)", "11"],
])("%s", async (code, value) => {
  const cell = await kernel.execute(code);
  expect(cell.errors).toEqual([]);
  expect(cell.results).toEqual([{ "text/plain": value }]);
});

test("what is declared beside `await (…)` is there in the next cell", async () => {
  await kernel.execute("const kept: number = await (Promise.resolve(12));\nfunction twice() { return 2 * kept }");
  expect((await kernel.execute("twice()")).results).toEqual([{ "text/plain": "24" }]);
});

test("an await inside of a function does not make the cell asynchronous", async () => {
  const code =
    "async function inside() { return await (Promise.resolve(1)) }\nfor (;;) break;\nnew Error().stack!.includes('at async ')";
  expect((await kernel.execute(code)).results).toEqual([{ "text/plain": "false" }]);
});

test("type errors keep their positions", async () => {
  const cell = await kernel.execute("await (Promise.resolve(1));\nconst text: string = await (Promise.resolve(1));");
  expect(cell.errors[0]?.evalue).toBe("2:7 - Type 'number' is not assignable to type 'string'.");
});

test("a wait in `for await` can be interrupted", async () => {
  const cell = kernel.submit(`
    async function* never() { setTimeout(() => console.log("waiting"), 0); yield await new Promise(() => {}); }
    for await (const n of never()) console.log(n);`);
  await kernel.waitForOutput((message) => message.content.text === "waiting\n");
  kernel.interrupt();
  await kernel.finish(cell, 1000);
  expect(cell.errors[0]?.ename).toBe("Interrupted");
});

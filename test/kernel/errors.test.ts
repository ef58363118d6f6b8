import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kernel, startKernel } from "../support/jupyter/index.js";

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
});
afterAll(() => kernel?.stop());

async function failure(code: string) {
  const cell = await kernel.execute(code);
  expect(cell.status).toBe("error");
  expect(cell.errors).toHaveLength(1);
  return { ...cell.errors[0]!, count: cell.executionCount, text: cell.errors[0]!.traceback.join("\n") };
}

describe("an error shows", () => {
  test("its name, its message and its cell, and nothing of tslab or Node", async () => {
    const { count, ...error } = await failure("throw new TypeError('wrong');");
    expect(error).toMatchObject({
      ename: "TypeError",
      evalue: "wrong",
      text: `TypeError: wrong\n    at cell [${count}]`,
    });
  });

  test("the functions of cells that it came through", async () => {
    const { executionCount } = await kernel.execute("function inner(): never { throw new Error('deep') }");
    const { count, text } = await failure("async function outer() { inner() }\nawait outer();");
    expect(text).toBe(
      `Error: deep\n    at inner (cell [${executionCount}])\n    at outer (cell [${count}])\n    at cell [${count}]`,
    );
  });

  test("no frames of Node when it comes from a callback", async () => {
    const { count, text } = await failure(
      "await new Promise((_, reject) => setTimeout(function late() { reject(new Error('late')) }, 1));",
    );
    expect(text).toBe(`Error: late\n    at Timeout.late (cell [${count}])`);
  });

  test("the class name when the class has given itself no other", async () => {
    expect(await failure("class Refused extends Error {}\nthrow new Refused('no');")).toMatchObject({
      ename: "Refused",
      evalue: "no",
    });
  });

  test("an error of a system call with Node's message", async () => {
    const { text } = await failure("import { readFileSync } from 'node:fs';\nreadFileSync('/nowhere/at/all');");
    expect(text).toContain("ENOENT: no such file or directory, open '/nowhere/at/all'");
    expect(text).not.toMatch(/node:|node_modules|executor|evalmachine/);
  });

  test("its cause and its parts", async () => {
    const { text, count } = await failure(`
      const cause = new RangeError("the cause");
      throw new AggregateError([new Error("part one"), "part two"], "all failed", { cause });`);
    expect(text.split("\n")).toEqual([
      "AggregateError: all failed",
      `    at cell [${count}]`,
      "  Error: part one",
      `      at cell [${count}]`,
      "  'part two'",
      "  caused by RangeError: the cause",
      `      at cell [${count}]`,
    ]);
  });

  test("itself, when it is its own cause", async () => {
    const { text } = await failure("const loop = new Error('round'); loop.cause = loop; throw loop;");
    expect(text).toMatch(/^Error: round\n {4}at cell \[\d+\]$/);
  });

  test("exactly its own text when it has [util.inspect.custom]", async () => {
    const { traceback, ename, evalue } = await failure(`
      import { inspect } from "node:util";
      class Shown extends Error {
        [inspect.custom]() { return "first line\\n  second line"; }
      }
      throw new Shown("message");`);
    expect({ traceback, ename, evalue }).toEqual({
      traceback: ["first line", "  second line"],
      ename: "Shown",
      evalue: "message",
    });
  });

  test.each([
    ["throw 'text';", "'text'"],
    ["throw 42;", "42"],
    ["throw null;", "null"],
    ["throw undefined;", "undefined"],
    ["throw { a: 1 };", "{ a: 1 }"],
    ["await Promise.reject('later');", "'later'"],
    ["throw Object.create(null);", "[Object: null prototype] {}"],
  ])("a thrown value that is no error: %s", async (code, value) => {
    expect(await failure(code)).toMatchObject({ ename: "Uncaught", evalue: value, traceback: [`Uncaught ${value}`] });
  });
});

describe("a value whose own text fails", () => {
  const broken = "{ [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('no text') } }";

  test("fails the cell when it is the result", async () => {
    expect(await failure(`(${broken})`)).toMatchObject({ ename: "Error", evalue: "no text" });
  });

  test("is named when it is thrown", async () => {
    expect(await failure(`throw ${broken};`)).toMatchObject({
      ename: "Uncaught",
      evalue: "a value that cannot be shown",
    });
  });
});

describe("TypeScript's messages", () => {
  test("have line and column, the line and a caret", async () => {
    const { ename, evalue, traceback } = await failure("const ok = 1;\n\tconst wrong: number = 'text';");
    expect(ename).toBe("TypeScriptError");
    expect(evalue).toBe("2:8 - Type 'string' is not assignable to type 'number'.");
    expect(traceback).toEqual([evalue, "    \tconst wrong: number = 'text';", "    \t      ^"]);
  });

  test("are all shown, counted in the summary", async () => {
    const { evalue, text } = await failure("nosuch;\nnorThis;");
    expect(evalue).toBe("1:1 - Cannot find name 'nosuch'. (and 1 more)");
    expect(text).toContain("2:1 - Cannot find name 'norThis'.");
  });

  test("leave the variables of earlier cells as they were", async () => {
    await kernel.execute("const kept = 'kept';");
    await failure("const kept: number = 'lost';");
    expect((await kernel.execute("kept")).results).toEqual([{ "text/plain": "'kept'" }]);
  });

  test("about a module cell go to stderr, because it is registered all the same", async () => {
    const cell = await kernel.execute("/** @module broken */\nexport const n: number = 'text';");
    expect(cell.status).toBe("ok");
    expect(cell.stderr).toContain("Type 'string' is not assignable to type 'number'.");
  });
});

describe("an error outside of a cell's own course", () => {
  test.each([
    ["setTimeout(() => { throw new Error('in a timer') }, 0); 0;", "UncaughtException: Error: in a timer\n"],
    ["void (async () => { throw new Error('abandoned') })();", "UnhandledPromiseRejection: Error: abandoned\n"],
    ["process.nextTick(() => { throw 'a string' }); 0;", "UncaughtException: Uncaught 'a string'\n"],
  ])("is reported on stderr: %s", async (code, text) => {
    const cell = kernel.submit(code);
    await kernel.finish(cell);
    await kernel.waitForOutput(() => cell.stderr !== "");
    expect(cell.stderr.replace(/ {4}at .*\n/g, "")).toBe(text);
    expect(cell.stderr).not.toMatch(/node:|node_modules/);
    expect(cell.status).toBe("ok");
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answers } from "../support/jupyter/answers.js";
import { type Kernel, startKernel } from "../support/jupyter/index.js";
import { SOON } from "../support/time.js";

/* A cell that fails or is interrupted leaves what it came to, for the compiler and for the program. */

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
});
afterAll(() => kernel?.stop());
const { run, value, failure } = answers(() => kernel);

describe("a cell that throws leaves", () => {
  test("an open socket under its name", async () => {
    await run('import { socket, AF_INET, SOCK_STREAM } from "kernel-helpers";');
    await failure('const open = socket("open", AF_INET, SOCK_STREAM);\nopen.listen(-1.5);');
    expect(await value("open.fd > 2")).toBe("true");
    expect(await failure("open.nothing")).toContain("Property 'nothing' does not exist on type 'Handle'");
    await run("open.close();");
  });

  test("functions, wherever they stand, classes, enumerations, imports and types", async () => {
    await failure(`
      import { basename } from "node:path";
      import * as os from "node:os";
      import fs, { existsSync as exists } from "node:fs";
      interface Point { x: number }
      class Dot implements Point { constructor(readonly x: number) {} }
      enum Side { Left = 1, Right }
      namespace Units { export const meter = 100; }
      const [first, { second = 2 }] = [1, {} as { second?: number }];
      let third: Point | undefined;
      throw new Error("here");
      function twice(n: number): number { return 2 * n; }
      type Both = Point & { y: number };`);
    expect(await value('basename("/a/b") + typeof os.cpus + typeof fs.readFileSync + exists("/")')).toBe(
      "'bfunctionfunctiontrue'",
    );
    expect(await value("const both: Both = { ...new Dot(twice(4)), y: first + second }; both")).toBe("{ x: 8, y: 3 }");
    expect(await value("Side.Right + Units.meter")).toBe("102");
    expect(await value("third = both; third.x")).toBe("8");
    expect(await failure("twice('4')")).toContain("'string' is not assignable to parameter of type 'number'");
  });

  test("nothing of what it did not come to, and says so", async () => {
    const cell = await kernel.execute("const come = 1;\nthrow new Error('stop');\nconst missed = 2, also = 3;");
    const why = `Cell [${cell.executionCount}] declares it, but ended before it came to that line.`;
    expect(await failure("come + missed")).toBe(`1:8 - Cannot find name 'missed'. ${why}`);
    expect(await failure("also")).toBe(`1:1 - Cannot find name 'also'. ${why}`);
    await run("const missed = 'now';");
    expect(await value("missed + come")).toBe("'now1'");
    expect(await failure("neverSaid")).toBe("1:1 - Cannot find name 'neverSaid'.");
  });

  test("an error that says why in a function that uses what it did not come to", async () => {
    const cell = await kernel.execute(
      "function late() { return behind; }\nthrow new Error('stop');\nconst behind = 5;",
    );
    const shown = await failure("late()");
    expect(shown).toBe(
      `Cannot access 'behind' before initialization: cell [${cell.executionCount}] has not run the line that declares it.`,
    );
    await run("const behind = 6;");
    expect(await value("late()")).toBe("6");
  });

  test("what an earlier cell has left, value and type, of a name that it did not come to", async () => {
    await run("const kept = 'text';\nclass Shape { area() { return 1; } }");
    await failure("null!.toString();\nconst kept = 5;\nclass Shape { volume() { return 2; } }");
    expect(await value("kept.toUpperCase() + new Shape().area()")).toBe("'TEXT1'");
  });

  test("the new value and the new type of a name that it came to", async () => {
    await run("let changed: string | number = 'text';");
    await failure("let changed = 5;\nthrow new Error('stop');");
    expect(await value("changed.toFixed(1)")).toBe("'5.0'");
  });

  test("of several names in one statement those before the one that failed", async () => {
    await failure("const one = 1, two = (() => { throw new Error('two') })(), three = 3;");
    expect(await value("one")).toBe("1");
    expect(await failure("three")).toContain("ended before it came to that line");
  });
});

test("a cell that the compiler refuses leaves everything as it was", async () => {
  await run("const before = 1;");
  await failure("const before = 'new';\nconst wrong: number = 'text';");
  expect(await value("before.toFixed(0)")).toBe("'1'");
  expect(await failure("wrong")).toBe("1:1 - Cannot find name 'wrong'.");
});

describe("an interrupted cell leaves", () => {
  test("what it came to before its `await`", async () => {
    const cell = kernel.submit(
      "const waited = 7;\nconsole.log('waiting');\nawait new Promise(() => {});\nconst after = 8;",
    );
    await kernel.waitForOutput((message) => message.content.text === "waiting\n");
    kernel.interrupt();
    await kernel.finish(cell, SOON);
    expect(await value("waited")).toBe("7");
    expect(await failure("after")).toContain("ended before it came to that line");
  });

  test("what it came to before a loop", async () => {
    const cell = kernel.submit("const counted = 9;\nsetTimeout(() => {}, 0);\nconsole.log('looping');\nfor (;;);");
    await kernel.waitForOutput((message) => message.content.text === "looping\n");
    kernel.interrupt();
    await kernel.finish(cell);
    expect(await value("counted")).toBe("9");
  });

  test("what it comes to later, when its wait goes on", async () => {
    // Printed by the event loop: the cell has come to its `await` then.
    const cell = kernel.submit(
      "let go!: () => void;\nsetTimeout(() => console.log('waits'), 0);\nawait new Promise<void>((resolve) => { go = resolve; });\nconst gone: string = 'gone';",
    );
    await kernel.waitForOutput((message) => message.content.text === "waits\n");
    kernel.interrupt();
    await kernel.finish(cell, SOON);
    await run("go();\nawait 0;");
    expect(await value("gone")).toBe("'gone'");
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kernel, ROOT, startKernel, withKernel } from "../support/jupyter/index.js";

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
      text: `TypeError: wrong\n    at cell [${count}]:1:7\n        throw new TypeError('wrong');\n              ^`,
    });
  });

  test("the functions that it came through, and the line of each cell", async () => {
    const { executionCount } = await kernel.execute(`
      interface Gone { types: number }
      function inner(what: Gone | undefined): never {
        // A comment, and types: JavaScript has other lines.
        throw new Error('deep');
      }`);
    const { count, text } = await failure(`
      type Text = string;
      async function outer(text: Text): Promise<void> { inner(undefined) }
      async function twice() {
        await outer("");
      }
      await twice();`);
    expect(text.split("\n")).toEqual([
      "Error: deep",
      `    at inner (cell [${executionCount}]:5:15)`,
      "                throw new Error('deep');",
      "                      ^",
      `    at outer (cell [${count}]:3:57)`,
      "              async function outer(text: Text): Promise<void> { inner(undefined) }",
      "                                                                ^",
      `    at twice (cell [${count}]:5:15)`,
      `    at cell [${count}]:7:13`,
    ]);
  });

  test("the place of a call of what the cell has imported, and the name that was called", async () => {
    const { text } = await failure(
      "import { parse } from 'node:querystring';\nimport { readFileSync as read } from 'node:fs';\n\nparse('');  read('/nowhere');",
    );
    expect(text).toMatch(/\n {4}at cell \[\d+\]:4:13\n {8}parse\(''\); {2}read\('\/nowhere'\);\n {20}\^$/);
  });

  test("no frames of Node when it comes from a callback", async () => {
    const { count, text } = await failure(
      "await new Promise((_, reject) => setTimeout(function late() { reject(new Error('late')) }, 1));",
    );
    expect(text).toMatch(new RegExp(`^Error: late\\n    at late \\(cell \\[${count}\\]:1:70\\)\\n`));
  });

  test("the line of a cell that V8 cannot read", async () => {
    const { text, count } = await failure("const one = 1;\nconst wrong: RegExp = /(/;");
    expect(text).toBe(
      [
        "SyntaxError: Invalid regular expression: /(/: Unterminated group",
        `    at cell [${count}]:2:23`,
        "        const wrong: RegExp = /(/;",
        "                              ^",
      ].join("\n"),
    );
  });

  test("the call of eval that made the code", async () => {
    const { text } = await failure("eval('1;\\n2;\\nnosuch()');");
    expect(text).toMatch(/^ReferenceError: nosuch is not defined\n {4}at cell \[\d+\]:1:1\n/);
  });

  test("ten frames at most", async () => {
    const { text } = await failure(
      "const go = (n: number): number => n < 1 ? nosuch() : go(n - 1) + 1;\ndeclare const nosuch: any;\ngo(30);",
    );
    expect(text.match(/ {4}at /g)).toHaveLength(3); // Of those that are alike there is one.
    const { text: others } = await failure(
      "const even = (n: number): any => n < 1 ? nosuch() : odd(n - 1) + 1;\nconst odd = (n: number): any => even(n - 1) + 1;\ndeclare const nosuch: any;\neven(30);",
    );
    expect(others.match(/ {4}at /g)).toHaveLength(10);
  });

  test("the part of a very long line that the caret is in", async () => {
    const { traceback } = await failure(`const long = "${"x".repeat(500)}"; nosuch();\ndeclare const nosuch: any;`);
    const [, , line, caret] = traceback as [string, string, string, string];
    expect(line.length).toBeLessThan(120);
    expect(line.slice(caret.indexOf("^"))).toMatch(/^nosuch\(\)/);
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
      `    at cell [${count}]:3:13`,
      `              throw new AggregateError([new Error("part one"), "part two"], "all failed", { cause });`,
      "                    ^",
      "  Error: part one",
      `      at cell [${count}]:3:33`,
      `                throw new AggregateError([new Error("part one"), "part two"], "all failed", { cause });`,
      "                                          ^",
      "  'part two'",
      "  caused by RangeError: the cause",
      `      at cell [${count}]:2:21`,
      `                const cause = new RangeError("the cause");`,
      "                              ^",
    ]);
  });

  test.each([
    [
      "a proxy whose traps throw",
      "new Proxy(new Error('prox'), { get() { throw 1; }, getPrototypeOf() { throw 2; } })",
      "Uncaught Error: prox",
    ],
    [
      "a proxy that was revoked",
      "(() => { const p = Proxy.revocable({}, {}); p.revoke(); return p.proxy; })()",
      "Uncaught <Revoked Proxy>",
    ],
    ["an object whose getters throw", "{ get message() { throw 1; }, get stack() { throw 2; } }", "Uncaught"],
    [
      "an error whose name throws",
      "new (class Named extends Error { get name(): string { throw 1; } })('told')",
      "Named: told",
    ],
    [
      "an error whose stack throws",
      "new (class Stacked extends Error { get stack(): string { throw 1; } })('told')",
      "Stacked: told",
    ],
    [
      "an error whose cause throws",
      "Object.defineProperty(new Error('told'), 'cause', { get() { throw 1; } })",
      "Error: told",
    ],
    [
      "an error whose parts are no list",
      "Object.assign(new AggregateError([], 'told'), { errors: null })",
      "AggregateError: told",
    ],
  ])("what it can, and the kernel goes on: %s", async (_, thrown, shown) => {
    const { text, count } = await failure(`throw ${thrown};`);
    expect(text.startsWith(shown), text).toBe(true);
    expect(text).toContain(`cell [${count}]:1:`);
    expect((await kernel.execute("1 + 1")).results[0]).toEqual({ "text/plain": "2" });
  });

  test("what it can when Error.prepareStackTrace throws, and the kernel goes on", async () => {
    await kernel.execute(
      "const kept = Error.prepareStackTrace; Error.prepareStackTrace = () => { throw new Error('mine'); };",
    );
    expect((await failure("throw new Error('told');")).evalue).toBe("told");
    await kernel.execute("Error.prepareStackTrace = kept;");
    expect((await kernel.execute("1 + 1")).results[0]).toEqual({ "text/plain": "2" });
  });

  test("itself, when it is its own cause", async () => {
    const { text } = await failure("const loop = new Error('round'); loop.cause = loop; throw loop;");
    expect(text).toMatch(/^Error: round\n {4}at cell \[\d+\]:1:14\n.*\n *\^$/);
  });

  test("its own text when it has [util.inspect.custom], and its place", async () => {
    const { traceback, ename, evalue, count } = await failure(`
      import { inspect } from "node:util";
      class Shown extends Error {
        [inspect.custom]() { return "first line\\n  second line"; }
      }
      throw new Shown("message");`);
    expect({ traceback, ename, evalue }).toEqual({
      traceback: [
        "first line",
        "  second line",
        `    at cell [${count}]:6:13`,
        `              throw new Shown("message");`,
        "                    ^",
      ],
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
    ["throw { message: 'm', stack: 's' };", "{ message: 'm', stack: 's' }"],
  ])("a thrown value that is no error: %s", async (code, value) => {
    const { ename, evalue, traceback, count } = await failure(code);
    expect({ ename, evalue }).toEqual({ ename: "Uncaught", evalue: value });
    const place = [`    at cell [${count}]:1:7`, `        ${code}`, "              ^"];
    expect(traceback).toEqual([`Uncaught ${value}`, ...(code.startsWith("throw") ? place : [])]);
  });

  test("the place where a value that is no error was thrown first, in a function of an earlier cell", async () => {
    const { executionCount } = await kernel.execute("const refuse = (why: string) => {\n  throw why;\n};");
    const { count, text } = await failure("try { refuse('no') }\ncatch (why) { throw why }");
    expect(text.split("\n")).toEqual([
      "Uncaught 'no'",
      `    at refuse (cell [${executionCount}]:2:9)`,
      "          throw why;",
      "                ^",
      `    at cell [${count}]:1:7`,
      "        try { refuse('no') }",
      "              ^",
    ]);
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
    const { evalue, text } = await failure("nobody;\nnorThis;");
    expect(evalue).toBe("1:1 - Cannot find name 'nobody'. (and 1 more)");
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
    [
      "setTimeout(() => { throw new Error('in a timer') }, 0); 0;",
      "UncaughtException: Error: in a timer\n    at cell [N]:1:26\n",
    ],
    [
      "void (async () => { throw new Error('abandoned') })();",
      "UnhandledPromiseRejection: Error: abandoned\n    at cell [N]:1:27\n",
    ],
    [
      "process.nextTick(() => { throw 'a string' }); 0;",
      "UncaughtException: Uncaught 'a string'\n    at cell [N]:1:32\n",
    ],
  ])("is reported on stderr: %s", async (code, text) => {
    const cell = kernel.submit(code);
    await kernel.finish(cell);
    await kernel.waitForOutput(() => cell.stderr !== "");
    const place = text.replace("[N]", `[${cell.executionCount}]`);
    expect(cell.stderr.slice(0, place.length)).toBe(place);
    expect(cell.stderr.split("\n").slice(2, 3)).toEqual([`        ${code}`]);
    expect(cell.stderr).not.toMatch(/node:|node_modules/);
    expect(cell.status).toBe("ok");
  });
});

describe("an error that is shown", () => {
  const ERRORS = `
    const cause = new TypeError("the cause");
    const shown = new AggregateError([new Error("part")], "all", { cause });
    const parsed = (() => { try { return JSON.parse("{") } catch (error) { return error } })();
    const read = await import("node:fs").then((fs) => fs.promises.readFile("/nowhere").catch((error) => error));
    let kept: Error | undefined;`;
  const FOREIGN = /node:|node_modules|kernel-helpers\/|evalmachine|[0-9a-f]{12}|Proxy|executor/;

  beforeAll(async () => {
    await kernel.execute(ERRORS);
    await kernel.execute(`kept = new Error("thrown before");\nthrow kept;`);
  });

  test.each([
    "console.log(shown, parsed, read, kept)",
    "console.error(shown, parsed, read, kept)",
    "[shown, parsed, read, kept]",
    "console.log(shown.stack, cause.stack, parsed.stack, read.stack, kept.stack)",
    "import { attempt } from 'kernel-helpers';\nawait attempt(() => { throw shown })",
  ])("has no frames but those of cells, with line and column: %s", async (code) => {
    const cell = await kernel.execute(code);
    const text = cell.stdout + cell.stderr + (cell.results[0]?.["text/plain"] ?? "");
    expect(cell.status, cell.errors.map(({ evalue }) => evalue).join()).toBe("ok");
    expect(text).toMatch(/AggregateError: all\n +at cell \[\d+\]:3:19\b/);
    expect(text).toMatch(/TypeError: the cause\n +at cell \[\d+\]:2:19\b/);
    expect(text).not.toMatch(FOREIGN);
  });

  test("has none of this package where the notebook's folder is the project's", async () => {
    await withKernel({ spec: "ours", cwd: ROOT }, async (other) => {
      const cell = await other.execute(`
        import { socket, trace, AF_INET } from "kernel-helpers";
        trace.off();
        try { socket("a", AF_INET, 5000) } catch (error) { console.log((error as Error).stack!.split("\\n").slice(1).join()) }`);
      expect(cell.stdout).toBe("    at cell [1]:4:15\n");
    });
  });

  test("names the lines of a module beside the notebook, and of one in a cell", async () => {
    const folder = mkdtempSync(join(tmpdir(), "beside-"));
    writeFileSync(
      join(folder, "helper.ts"),
      "interface Types { gone: true }\n\nexport function help(): never {\n  throw new Error('helper');\n}\n",
    );
    try {
      await withKernel({ spec: "ours", cwd: folder }, async (other) => {
        await other.execute("/** @module inside */\ntype Gone = 1;\nexport const call = (f: () => void) => f();");
        const cell = await other.execute(
          "import { help } from './helper';\nimport { call } from './inside';\ncall(help);",
        );
        expect(cell.errors[0]?.traceback).toEqual([
          "Error: helper",
          "    at help (helper.ts:4:9)",
          "          throw new Error('helper');",
          "                ^",
          "    at call (inside.ts:3:40)",
          "        export const call = (f: () => void) => f();",
          "                                               ^",
          "    at cell [2]:3:1",
          "        call(help);",
          "        ^",
        ]);
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test("a cell that takes away all listeners of the process leaves the kernel those for errors", async () => {
  await withKernel({ spec: "ours" }, async (own) => {
    for (const code of [
      "process.removeAllListeners();",
      'process.removeAllListeners("uncaughtException"); process.removeAllListeners("unhandledRejection");',
      'for (const event of ["uncaughtException", "unhandledRejection"]) for (const one of process.listeners(event as any)) process.off(event, one);',
    ]) {
      const throws = 'setTimeout(() => { throw new Error("late"); }, 1); Promise.reject(new Error("alone"));';
      const cell = await own.execute(`${code}\n${throws}\nawait new Promise((go) => setTimeout(go, 50));`);
      expect(cell.status).toBe("ok");
      await own.waitForOutput(() => /UncaughtException: Error: late/.test(cell.stderr));
      await own.waitForOutput(() => /UnhandledPromiseRejection: Error: alone/.test(cell.stderr));
    }
    expect((await own.execute("1 + 1")).results[0]).toEqual({ "text/plain": "2" });
  });
});

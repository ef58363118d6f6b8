import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answers } from "../support/jupyter/answers.js";
import { type Kernel, startKernel } from "../support/jupyter/index.js";

/* A name is one variable in the whole notebook: code that runs in the background sees what a later cell does to it, and the other way round. */

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
});
afterAll(() => kernel?.stop());
const { run, value, failure } = answers(() => kernel);

describe("a loop in the background that asks a variable ends", () => {
  const start = `
    let on = true;
    let ended = (_: string) => {};
    const end = new Promise<string>((resolve) => { ended = resolve; });
    void (async () => {
      while (on) await new Promise((resolve) => setTimeout(resolve, 1));
      ended("ended");
    })();`;

  test.each([
    ["assigns to it", "on = false;"],
    ["assigns to it by &&=", "on &&= false;"],
    ["assigns to it by destructuring", "({ stop: { on } } = { stop: { on: false } });"],
    ["assigns to it under another name", "({ running: on } = { running: false });"],
    ["assigns to it from an array", "[on] = [false];"],
    ["assigns to it in a function", "function halt() { on = false; }\nhalt();"],
    ["assigns to it in the head of a loop", "for (on of [true, false]);"],
    ["declares it again", "let on = false;"],
    ["declares it again as a constant", "const on = false;"],
    ["declares it again by destructuring", "const { on = false } = {} as { on?: boolean };"],
  ])("when a later cell %s", async (_, stop) => {
    await run(start);
    await run(stop);
    expect(await value("await end")).toBe("'ended'");
  });

  test("in all its runs, when its cell has been run more than once", async () => {
    await run("let loops = 0;");
    for (let i = 0; i < 3; i++) {
      await run(
        "let going = true;\nvoid (async () => { loops++; while (going) await new Promise(setImmediate); loops--; })();",
      );
    }
    await run("going = false;\nawait new Promise(setImmediate);\nawait new Promise(setImmediate);");
    expect(await value("loops")).toBe("0");
  });
});

describe("a later cell sees what the background does to a variable", () => {
  test.each([
    ["n += 1", "1"],
    ["n++", "1"],
    ["--n", "-1"],
    ["n = 5", "5"],
    ["[n] = [6]", "6"],
    ["({ a: n } = { a: 7 })", "7"],
    ["for (n of [1, 2, 8]);", "8"],
    ["for (n = 0; n < 9; n++);", "9"],
    ["n ||= 10", "10"],
  ])("%s", async (change, result) => {
    await run(
      `let n = 0;\nlet go = () => {};\nvoid new Promise<void>((resolve) => { go = resolve; }).then(() => { ${change} });`,
    );
    await run("go();\nawait 0;");
    expect(await value("n")).toBe(result);
  });

  test("also what a function of an earlier cell does, in both directions", async () => {
    await run("let count = 1;\nfunction add(by: number) { count += by; return count; }\nconst seen = () => count;");
    expect(await value("count = 10; [add(5), seen(), count]")).toBe("[ 15, 15, 15 ]");
    expect(await value("let count = 100; [add(5), seen(), count]")).toBe("[ 105, 105, 105 ]");
  });
});

describe("what is declared again", () => {
  test("as a function, is called by functions of earlier cells", async () => {
    await run("function greeting() { return 'hello'; }\nfunction greet() { return greeting(); }");
    await run("function greeting() { return 'good morning'; }");
    expect(await value("greet()")).toBe("'good morning'");
  });

  test("with another type has the new type in the cells after it", async () => {
    await run("let kind = 1;");
    await run("let kind = 'text';");
    expect(await value("kind.length")).toBe("4");
    expect(await failure("kind = 5")).toContain("Type 'number' is not assignable to type 'string'");
  });

  test("as a type only, leaves the value", async () => {
    await run("class Both { a = 1; }");
    await run("interface Both { b: number }");
    expect(await value("const both: Both = { b: 2 }; [new Both().a, both.b]")).toBe("[ 1, 2 ]");
  });

  test("in an inner scope is another variable", async () => {
    await run("let outer = 1;\nfunction shadow(outer: number) { outer++; { let outer = 5; outer++; } return outer; }");
    expect(await value("[shadow(7), outer]")).toBe("[ 8, 1 ]");
    expect(await value("for (let outer = 0; outer < 3; outer++); try { throw 2 } catch (outer) {} outer")).toBe("1");
  });
});

describe("as in any TypeScript", () => {
  test.each([
    ["const plain = () => 1; plain.name", "'plain'"],
    ["const { given = () => 1 } = {} as { given?: () => number }; given.name", "'given'"],
    ["const Made = class {}; Made.name", "'Made'"],
    ["let set: () => void; set = function () {}; set.name", "'set'"],
    ["function who(this: unknown) { return this === globalThis; } who()", "true"],
    ["'use strict'; (function (this: unknown) { return this; })() === undefined", "true"],
    [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a cell with a template.
      "const tagged = (s: TemplateStringsArray, ...v: number[]) => s.join() + v; const three = 3; tagged`a${three}b`",
      "'a,b3'",
    ],
    [
      "class Counter { static made = 0; static one = new Counter(); constructor() { Counter.made++; } } Counter.made",
      "1",
    ],
    ["enum Level { Low = 1, High = Low + 1 } [Level.High, Level[2]]", "[ 2, 'High' ]"],
    ["const enum Fixed { A = 4 } Fixed.A", "4"],
    ["for (var i = 0, end3 = 3; i < end3; i++); i", "3"],
    ["label: for (const x of [1, 2]) { for (;;) continue label; } 'left'", "'left'"],
    ["typeof (globalThis as any).notebook + typeof (globalThis as any).on", "'undefinedundefined'"],
    [
      "const notebook = 1, cell = 2; function inner(notebook_: number) { return notebook + cell + notebook_; } inner(3)",
      "6",
    ],
    ["const exports = 1, require2 = 2; exports + require2", "3"],
    [
      "let __proto__ = 5, constructor = 6, __two = 7, ___three = 8; [__proto__, constructor, __two, ___three]",
      "[ 5, 6, 7, 8 ]",
    ],
  ])("%s", async (code, result) => {
    expect(await value(code)).toBe(result);
  });

  test("a namespace, a constant enumeration, and a `var` of a block or loop are there in all later cells", async () => {
    await run(
      "namespace Units { export const meter = 100; export type Length = number; }\nconst enum Code { Ok = 200 }",
    );
    await run("if (true) { var inBlock = 'block'; }\nfor (var step = 0; step < 4; step++);");
    await run("0;");
    expect(await value("const length: Units.Length = Units.meter; [length, Code.Ok, inBlock.length, step]")).toBe(
      "[ 100, 200, 5, 4 ]",
    );
  });

  test("names that begin with underscores are names, and so are those of what every object has", async () => {
    await run("let __proto__ = 1, constructor = 2, toString = 3;");
    expect(await value("__proto__ + constructor + toString")).toBe("6");
    await run("const __dir = 'a', ___deep = 'b';\nfunction __join() { return __dir + ___deep; }");
    expect(await value("const { length: __length } = __join(); [__join(), __length]")).toBe("[ 'ab', 2 ]");
  });

  test("a constant is one", async () => {
    await run("const fixed = 1;");
    expect(await failure("fixed = 2")).toContain("Cannot assign to 'fixed' because it is a constant.");
  });

  test("what a cell has only described is looked for among the global names", async () => {
    await run("declare const described: number;");
    expect(await value("(globalThis as any).described = 3; described")).toBe("3");
  });

  test("errors name what the cell names", async () => {
    await run("const nothing: any = 5;\nconst object: any = { nothing };");
    expect(await failure("nothing()")).toBe("nothing is not a function");
    expect(await failure("object.nothing()")).toBe("object.nothing is not a function");
    expect(await failure("new nothing()")).toBe("nothing is not a constructor");
    expect(await failure("[...nothing]")).toMatch(/^(nothing|Spread syntax|number 5)/);
    expect(await failure('throw new Error("notebook.ipynb is missing")')).toBe("notebook.ipynb is missing");
  });
});

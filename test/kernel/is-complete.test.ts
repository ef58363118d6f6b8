import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kernel, startKernel } from "../support/jupyter/index.js";

/* Whether `jupyter console` runs the code or lets the learner write on. */

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
});
afterAll(() => kernel?.stop());

async function asked(code: string) {
  return (await kernel.request("is_complete_request", { code })).content;
}

/** What Node's own prompt does with each: it runs it, refuses it, or asks for more. In a process of its own, which it changes. */
function inNode(codes: string[]): string[] {
  const script = `
    const repl = require("node:repl"), { PassThrough } = require("node:stream");
    const { eval: run, context } = repl.start({ input: new PassThrough(), output: new PassThrough() });
    const x = Object.assign(() => 0, { b() {} });
    Object.assign(context, { x, y: x, z: x }); // An error of the code that runs would be told to nobody.
    const asked = (code) => new Promise((resolve) => run(code + "\\n", context, "repl", (error) => {
      if (error instanceof repl.Recoverable) resolve("incomplete");
      else resolve(error?.name === "SyntaxError" ? "invalid" : "complete");
    }));
    (async () => {
      const answers = [];
      for (const code of ${JSON.stringify(codes)}) answers.push(await asked(code));
      console.log(JSON.stringify(answers));
      process.exit(0);
    })();`;
  return JSON.parse(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" }));
}

const JAVASCRIPT = [
  ["1 + 1", "const a1 = 1;", "// only", "/** doc */", "if (true) {}", "await x", "class A1 { m() {} }"],
  [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a cell with a template.
    "`a${1}b`",
    "/a{/",
    "x => x",
    "label: x",
    "'\\\n'",
    "x\n.b()",
    "if (x) y(); else z()",
    "async () => { await 1 }",
  ],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a cell with a template.
  ["`open", "`open ${", "`a ${ `b", "`text\n\n", "`a ${b} c", "f`a", "/* open", "/** open\n * more"],
  ["if (x)", "if (x) y(); else", "for (;;)", "for (const x of y)", "while (1)", "do x()", "try {", "try {}"],
  ["function f()", "async function f()", "function f() {", "foo(", "foo(1,", "[1, 2", "({ a: 1", "{", "foo(/* "],
  ["const a =", "a +", "a ?", "a ? b :", "a.", "a?.", "!", "typeof", "new", "() =>", "a &&", "label:"],
  [
    "class A",
    "class A extends",
    "class A { m(",
    "switch (x) { case 1:",
    "'a\\",
    "'a\\\n",
    "const { a",
    "if (a) { // x",
  ],
  ["'open", '"open\nmore', ")", "foo)", "a b", "let 1a", "foo( ;", "{ ] }", "/open", "const x = ;", "if )", "}"],
  ["a => }", "foo(]", "[1, 2)", "'a\\\nb", "case", "#", "'it''s'"],
].flat();

describe("of JavaScript, as Node's own prompt says", () => {
  const verdicts = inNode(JAVASCRIPT);
  test.each(JAVASCRIPT.map((code, i) => [code, verdicts[i]!]))("%j is %s", async (code, status) => {
    expect(await asked(code)).toMatchObject({ status });
  });
});

describe("of TypeScript", () => {
  test.each([
    ["", "complete"],
    [" \n", "complete"],
    ["const f = (a: number) => a", "complete"],
    ["let a: Map<string, number[]>", "complete"],
    ["@dec class A {}", "complete"],
    ["declare function f(): void", "complete"],
    ["function f(a: string): string;", "complete"],
    ["for await (const x of y) {}", "complete"],
    ["await (x)", "complete"],
    ["const f = (a: number,", "incomplete"],
    ["const f = (a: number, g: (b: string) => void", "incomplete"],
    ["foo((a: number) => {", "incomplete"],
    ["foo((a: number", "incomplete"],
    ["a = [(x: number", "incomplete"],
    ["const { a }: { a: number", "incomplete"],
    ["let x:", "incomplete"],
    ["type A =", "incomplete"],
    ["interface A {", "incomplete"],
    ["enum E {", "incomplete"],
    ["const x = y as", "incomplete"],
    ["x satisfies", "incomplete"],
    ["@dec", "incomplete"],
    ["import {", "incomplete"],
    ["import { a }", "incomplete"],
    ["import { a } from", "incomplete"],
    ["function f(a: number): void", "incomplete"],
    ["let x: = 5", "invalid"],
    ["interface { }", "invalid"],
    ["foo((a: ) => 1", "invalid"],
  ])("%j is %s", async (code, status) => {
    expect(await asked(code)).toMatchObject({ status });
  });
});

test.each([
  ["for (;;) {", "  "],
  ["  foo(", "    "],
  ["  foo(1,", "  "],
  ["`some text", ""],
  ["  `  text", ""],
])("after %j the next line begins with %j", async (code, indent) => {
  expect(await asked(code)).toEqual({ status: "incomplete", indent });
});

import { codeOf } from "kernel-helpers/dist/processes/code-of.js";
import { textOf } from "kernel-helpers/dist/processes/sent-function.js";
import { expect, test } from "vitest";

/* What a cell's own names are called in it: see sent-function.ts. Each function is made of its text, as a cell's is. */

const made = (text: string) => new Function("notebook", "exports", `return (${text});`)({}, {});
const sent = (text: string): string => textOf(made(text), "process 5 (lab)", { LOOPBACK: "127.0.0.1" });

test.each([
  ["in the words of a template", `async (c) => c.send(\`see notebook.page and exports.x \${1 + 1} notebook.\${2}\`)`],
  [
    "in a string and a comment behind a regular expression with a quote",
    `(c) => { const q = /"/; /* notebook.y */ c.send('"notebook.z"' + q.source); }`,
  ],
  ["in a regular expression", "(c) => /notebook.x[/]/.test(c)"],
  ["as a field of something else", "() => { const m = { exports: { a: 5 } }; return m.exports.a; }"],
  ["of its own", "() => { const notebook = { page: 7 }; return notebook.page; }"],
  ["of a helper", "(c) => c.send(notebook.LOOPBACK)"],
])("what only looks like a variable of the notebook is none: %s", (_, text) => {
  expect(sent(text)).toBe(text);
});

test.each([
  ["plainly", "() => notebook.PORT"],
  ["in an expression of a template", `() => \`port \${\`\${{ a: notebook.PORT }.a}\`} \``],
  ["behind a string with the end of a comment", `() => "*/" + notebook.PORT`],
  ["behind a division", "(a, b) => a / b + notebook.PORT / 2"],
  ["in tslab's own kernel", "() => 1 / 2 / exports.PORT"],
])("one that it has is refused: %s", (_, text) => {
  expect(() => sent(text)).toThrow('in process 5 (lab), where "PORT" does not exist');
});

test("of a text that does not end nothing is left over", () => {
  expect(codeOf(`a + \`b \${c`)).toBe('a + ""c');
  expect(codeOf("a + `b")).toBe('a + ""');
});

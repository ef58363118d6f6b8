import { expect, test } from "vitest";
import { withoutExports } from "../../../kernel-helpers/src/kernel/names/exports.js";
import { ts } from "../../../kernel-helpers/src/kernel/typescript.js";

test.each([
  ["export const a = 1;", "       const a = 1;"],
  ["export async function f() {}", "       async function f() {}"],
  ["export default class Named {}", "               class Named {}"],
  ["export abstract class A {}\nexport type T = A;", "       abstract class A {}\n       type T = A;"],
  ["export default function () {}", "void 0,        function () {}"],
  ["export default { a: 1 };", "void 0,        { a: 1 };"],
  ["export = 5;", "         5;"],
  ["const a = 1;\nexport {\n  a,\n};\na", "const a = 1;\n        \n    \n  \na"],
  ['export * from "fs";', "                   "],
  ["namespace N { export const a = 1; }", "namespace N { export const a = 1; }"],
  ['"export const a";', '"export const a";'],
  ["exported = 1", "exported = 1"],
])("%j is %j", (code, without) => {
  const made = withoutExports(ts, code);
  expect(made.trimEnd()).toBe(without.trimEnd());
  expect(made).toHaveLength(code.length);
});

import { types } from "node:util";
import type { Node } from "@tslab/typescript-for-tslab";

/*
 * Where something was thrown that is no error, such as a text: it has no stack. So the code of a cell hands it over first.
 */

/** What code of cells calls: `globalThis[Symbol.for("socket-workshop.thrown")]`. */
const KEY = "socket-workshop.thrown";
/** How many are remembered: they can be many before one of them ends a cell. */
const REMEMBERED = 20;

const thrown: { value: unknown; at: Error }[] = [];

Object.defineProperty(globalThis, Symbol.for(KEY), {
  configurable: true, // A kernel that cannot use its snapshot loads this once more.
  value<T>(value: T): T {
    // A proxy would have the learner's code answer, which may throw something else.
    if (!types.isProxy(value) && value instanceof Error) return value;
    if (thrown.length === REMEMBERED) thrown.shift();
    thrown.push({ value, at: new Error() });
    return value;
  },
});

/** An error with the stack of the `throw` that threw this value last; undefined where that is not known. */
export function placeOfThrow(value: unknown): Error | undefined {
  return thrown.findLast((one) => Object.is(one.value, value))?.at;
}

/**
 * Has the code of a cell, JavaScript, hand over what it throws. `throw new …` needs it not: errors are made so. Nor does `throw error` inside
 * `catch (error)`: that was thrown elsewhere.
 */
export function handOverThrows(javaScript: string): string {
  if (!/\bthrow\b/.test(javaScript)) return javaScript;
  const { ts }: typeof import("../typescript") = require("../typescript");
  const file = ts.createSourceFile("cell.js", javaScript, ts.ScriptTarget.ESNext);
  const parts: string[] = [];
  let done = 0;
  const caught: string[] = [];
  const visit = (node: Node): void => {
    if (ts.isCatchClause(node)) {
      caught.push(node.variableDeclaration?.name.getText(file) ?? "");
      ts.forEachChild(node, visit);
      caught.pop();
      return;
    }
    const isOwn = ts.isThrowStatement(node) && !ts.isNewExpression(node.expression);
    if (!isOwn || caught.includes(node.expression.getText(file))) {
      ts.forEachChild(node, visit);
      return;
    }
    const { expression } = node;
    parts.push(javaScript.slice(done, expression.getStart(file)), `globalThis[Symbol.for("${KEY}")](`);
    done = expression.getStart(file);
    ts.forEachChild(expression, visit);
    parts.push(javaScript.slice(done, expression.end), ")");
    done = expression.end;
  };
  visit(file);
  return parts.join("") + javaScript.slice(done);
}

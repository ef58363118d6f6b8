import { createRequire } from "node:module";
import type { Node } from "@tslab/typescript-for-tslab";

const ts: typeof import("@tslab/typescript-for-tslab") = createRequire(require.resolve("tslab/dist/converter"))(
  "@tslab/typescript-for-tslab",
);

/**
 * Whether a cell awaits something outside of any function.
 *
 * tslab finds this out from the compiler's complaint about an `await` outside of an async function. There is no such complaint
 * about `await (…)` and `for await`: for those the parser reads the statement again as part of a module, where they are allowed.
 * The JavaScript that tslab makes of them is right; it is only not run in an async function unless somebody says so.
 */
export function hasTopLevelAwait(code: string): boolean {
  if (!/\bawait\b/.test(code)) return false;
  // As tslab does: an export makes it a module.
  const file = ts.createSourceFile("cell.ts", `export {};\n${code}`, ts.ScriptTarget.ESNext);
  return ts.forEachChild(file, awaits) ?? false;
}

function awaits(node: Node): boolean | undefined {
  if (ts.isFunctionLike(node) || ts.isPropertyDeclaration(node) || ts.isClassStaticBlockDeclaration(node))
    return undefined;
  if (ts.isAwaitExpression(node)) return true;
  if (ts.isForOfStatement(node) && node.awaitModifier !== undefined) return true;
  return ts.forEachChild(node, awaits);
}

import type * as TS from "@tslab/typescript-for-tslab";
import type { TypeScript } from "./typescript";

/** Whether a file awaits something outside of any function. */
export function hasTopLevelAwait(ts: TypeScript, file: TS.SourceFile): boolean {
  const awaits = (node: TS.Node): boolean | undefined => {
    if (bounds(ts, node)) return undefined;
    if (ts.isAwaitExpression(node)) return true;
    if (ts.isForOfStatement(node) && node.awaitModifier !== undefined) return true;
    return ts.forEachChild(node, awaits);
  };
  return /\bawait\b/.test(file.text) && (ts.forEachChild(file, awaits) ?? false);
}

/** Whether a node is inside of a function, or of what is one when it runs. */
export function isInFunction(ts: TypeScript, node: TS.Node): boolean {
  for (let around = node.parent; around !== undefined && !ts.isSourceFile(around); around = around.parent)
    if (bounds(ts, around) || ts.isModuleDeclaration(around)) return true;
  return false;
}

function bounds(ts: TypeScript, node: TS.Node): boolean {
  return ts.isFunctionLike(node) || ts.isPropertyDeclaration(node) || ts.isClassStaticBlockDeclaration(node);
}

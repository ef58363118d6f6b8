import { isAbsolute, posix } from "node:path";
import type * as TS from "@tslab/typescript-for-tslab";
import { STAND_IN } from "../folder";
import type { TypeScript } from "./typescript";

/** Which file a file means by the name of a module. TypeScript has it, and does not say so in its types. */
export function resolved(file: TS.SourceFile, name: string): string | undefined {
  const { resolvedModules } = file as TS.SourceFile & {
    resolvedModules?: { get(name: string, mode: undefined): { resolvedModule?: TS.ResolvedModuleFull } | undefined };
  };
  return resolvedModules?.get(name, undefined)?.resolvedModule?.resolvedFileName;
}

/** Whether the compiler makes JavaScript of a file. */
export const isSource = (fileName: string): boolean => /\.[jt]s$/.test(fileName) && !fileName.endsWith(".d.ts");

/**
 * `import { x } from "/home/learner/mine"` is `import { x } from "./mine"`: what a file of the notebook's folder is compiled to, tslab's `require`
 * finds by relative names only.
 */
export function relativeName(ts: TypeScript, file: TS.SourceFile, specifier: TS.Expression): TS.Expression {
  if (!ts.isStringLiteral(specifier) || !isAbsolute(specifier.text)) return specifier;
  const found = resolved(file, specifier.text);
  if (found === undefined || !isSource(found) || !found.startsWith(`${STAND_IN}/`)) return specifier;
  const name = posix.relative(posix.dirname(file.fileName), found.replace(/\.ts$/, ""));
  return ts.factory.createStringLiteral(name.startsWith(".") ? name : `./${name}`);
}

/** Has the declarations in a file import by relative names. */
export function relativeImports(ts: TypeScript): TS.TransformerFactory<TS.SourceFile> {
  return (context) => (file) => {
    const visit = (node: TS.Node): TS.Node => {
      const { factory } = ts;
      if (ts.isImportDeclaration(node)) {
        const { modifiers, importClause, moduleSpecifier, assertClause } = node;
        const name = relativeName(ts, file, moduleSpecifier);
        return factory.updateImportDeclaration(node, modifiers, importClause, name, assertClause);
      }
      if (!ts.isExportDeclaration(node) || node.moduleSpecifier === undefined) return node;
      const { modifiers, isTypeOnly, exportClause, moduleSpecifier, assertClause } = node;
      const name = relativeName(ts, file, moduleSpecifier);
      return factory.updateExportDeclaration(node, modifiers, isTypeOnly, exportClause, name, assertClause);
    };
    return ts.visitEachChild(file, visit, context);
  };
}

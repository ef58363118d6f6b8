import type * as TS from "@tslab/typescript-for-tslab";
import type { TypeScript } from "./typescript";

/** Makes an expression of what could be taken for a block, a function or a class. */
const AS_EXPRESSION = "void 0,";

/**
 * A cell without its `export`: people paste a module into a cell, and all names of a cell are known to the others anyway. What stands behind it
 * keeps its place. `export default 3` is `void 0,        3`, the value of which the cell shows, whatever it begins with.
 */
export function withoutExports(ts: TypeScript, code: string): string {
  if (!/\bexport\b/.test(code)) return code;
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ESNext, true);
  let text = code;
  const blank = (from: number, to: number, by = "") => {
    const spaces = text.slice(from, to).replace(/[^\n\r]/g, " ");
    text = text.slice(0, from) + by + spaces.slice(by.length) + text.slice(to);
  };
  for (const statement of file.statements) {
    const start = statement.getStart(file);
    if (ts.isExportDeclaration(statement)) blank(start, statement.end);
    else if (ts.isExportAssignment(statement))
      blank(start, statement.expression.getStart(file), statement.isExportEquals === true ? "" : AS_EXPRESSION);
    else if (isAnonymous(ts, statement)) blank(start, behindModifiers(ts, statement), AS_EXPRESSION);
    else for (const word of exportsOf(ts, statement)) blank(word.getStart(file), word.end);
  }
  return text;
}

/** The words `export` and `default` before a declaration. */
function exportsOf(ts: TypeScript, statement: TS.Statement): readonly TS.ModifierLike[] {
  const { ExportKeyword, DefaultKeyword } = ts.SyntaxKind;
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  return modifiers.filter(({ kind }) => kind === ExportKeyword || kind === DefaultKeyword);
}

/** `export default function () {}` */
function isAnonymous(ts: TypeScript, statement: TS.Statement): boolean {
  return (
    (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) &&
    exportsOf(ts, statement).length === 2 &&
    statement.name === undefined
  );
}

function behindModifiers(ts: TypeScript, statement: TS.Statement): number {
  return exportsOf(ts, statement).at(-1)!.end;
}

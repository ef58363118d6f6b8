import type * as TS from "@tslab/typescript-for-tslab";
import { CellCode } from "./cell";
import type { CellFacts } from "./facts";
import { relativeImports } from "./relative";
import type { TypeScript } from "./typescript";

/** What the compiler has made of a cell. */
export interface Emitted {
  javaScript: string;
  /** Its names, as the text of a `.d.ts` file. */
  declarations: string;
  facts: CellFacts;
}

type Program = TS.Program & {
  /** The last argument has TypeScript write declarations that it complains of. */
  emit(...args: [...Parameters<TS.Program["emit"]>, force: true]): TS.EmitResult;
};

/**
 * Has the compiler write a cell as JavaScript in which the names are as `CellCode` makes them, and its declarations.
 *
 * A type without a name that a declaration could use, such as that of `const fs = await import("fs")`, is no mistake of a cell: nobody reads
 * its declarations but the compiler, which takes what it cannot find as `any`.
 */
export function emitCell(ts: TypeScript, program: TS.Program, cell: TS.SourceFile, earlier: TS.SourceFile): Emitted {
  const code = new CellCode({ ts, checker: program.getTypeChecker(), cell, earlier });
  const texts = emit(program, cell, {
    before: [relativeImports(ts), code.transform],
    after: [commonJs(ts, program), withoutMark(ts)],
    afterDeclarations: [withoutExports(ts)],
  });
  return { javaScript: texts.get(".js") ?? "", declarations: texts.get(".d.ts") ?? "", facts: code.facts };
}

/** The JavaScript of a file that a cell imports: as modules are written, `import` and `export`. */
export function emitFile(ts: TypeScript, program: TS.Program, file: TS.SourceFile): string {
  return emit(program, file, { before: [relativeImports(ts)] }).get(".js") ?? "";
}

/** @returns what was written, by the end of the file's name */
function emit(program: TS.Program, file: TS.SourceFile, own: TS.CustomTransformers): Map<string, string> {
  const texts = new Map<string, string>();
  const write = (name: string, text: string) => texts.set(name.endsWith(".d.ts") ? ".d.ts" : ".js", text);
  (program as Program).emit(file, write, undefined, false, own, true);
  return texts;
}

/**
 * Makes `require` of `import`, behind all other steps. TypeScript does that itself where its option `module` says so, which is another here,
 * because of `import(…)`. Measured: to have the JavaScript read and written once more for it, as tslab does, takes 3 ms of each cell.
 */
function commonJs(ts: TypeScript, program: TS.Program): TS.TransformerFactory<TS.SourceFile> {
  const options = { ...program.getCompilerOptions(), module: ts.ModuleKind.CommonJS };
  return (context) => {
    const get = (from: TS.TransformationContext, key: keyof TS.TransformationContext) =>
      key === "getCompilerOptions" ? () => options : from[key];
    return ts.transformModule(new Proxy(context, { get: get as never }));
  };
}

/**
 * Takes out `Object.defineProperty(exports, "__esModule", { value: true })`: nobody asks that of a cell, which would fail there where one has replaced
 * `Object` or given every object a property `get`.
 */
function withoutMark(ts: TypeScript): TS.TransformerFactory<TS.SourceFile> {
  return () => (file) => {
    const marks = (statement: TS.Statement) =>
      ts.isExpressionStatement(statement) &&
      ts.isCallExpression(statement.expression) &&
      statement.expression.arguments.some((one) => ts.isStringLiteral(one) && one.text === "__esModule");
    const own = file.statements.filter((statement) => !marks(statement));
    return ts.factory.updateSourceFile(file, ts.setTextRange(ts.factory.createNodeArray(own), file.statements));
  };
}

/** tslab exports all names of a cell, so that there are declarations of them; they are known without. */
function withoutExports(ts: TypeScript): TS.TransformerFactory<TS.SourceFile | TS.Bundle> {
  return () => (file) => {
    if (!ts.isSourceFile(file)) return file;
    const own = file.statements.filter((statement) => !ts.isExportDeclaration(statement));
    return ts.factory.updateSourceFile(file, own);
  };
}

import type * as TS from "@tslab/typescript-for-tslab";
import { STAND_IN } from "../folder";
import type { TypeScript } from "./typescript";

// tslab's names for a cell and for the declarations of the cells before it.
export const CELL = `${STAND_IN}/__tslab__.ts`;
export const EARLIER = `${STAND_IN}/__prev__.d.ts`;

/*
 * The compiler keeps of a program what it can for the next one, if each file imports the same modules as before, as often and in the same order;
 * otherwise it looks at all of its 300 files again. A cell and the declarations of the earlier ones name other modules each time: every handle
 * that a cell declares is one more `import("kernel-helpers")`. So both are said to import all modules that any cell has imported, once
 * each. Measured: it spares 15 ms of the processor's time in most cells that declare something. And a type that comes from a
 * module that the cell itself does not name is found there, and not among the exports of all files.
 */
const known = new Set<string>();

/** The modules that a file names itself. */
const own = new WeakMap<TS.SourceFile, readonly string[]>();
const seen = new WeakSet<TS.SourceFile>();

/** To be called with each file before the compiler asks what it imports. */
export function prepareFile(ts: TypeScript, file: TS.SourceFile | undefined): TS.SourceFile | undefined {
  if (file === undefined || seen.has(file)) return file;
  seen.add(file);
  forgetFirstReading(file);
  if (file.fileName === CELL || file.fileName === EARLIER) shareImports(ts, file);
  return file;
}

/** The names of the modules that a cell names. */
export function importsOf(file: TS.SourceFile): readonly string[] {
  const { imports = [] } = file as { imports?: readonly TS.StringLiteralLike[] };
  return own.get(file) ?? imports.map(({ text }) => text);
}

/** Notes what a cell imports that is in order. */
export function noteImports(cell: TS.SourceFile): void {
  for (const name of importsOf(cell)) known.add(name);
}

/** TypeScript finds out what a file imports when it makes a program with it, and sets this. */
function shareImports(ts: TypeScript, file: TS.SourceFile): void {
  let all: readonly TS.StringLiteralLike[] | undefined;
  Object.defineProperty(file, "imports", {
    configurable: true,
    enumerable: true,
    get: () => all,
    set: (found: readonly TS.StringLiteralLike[]) => {
      own.set(file, [...new Set(found.map(({ text }) => text))]);
      const nodes = new Map([...known].map((name) => [name, literal(ts, file, name)]));
      for (const node of found) nodes.set(node.text, node);
      all = [...nodes.values()];
    },
  });
}

/** The name of a module, at the beginning of a file. */
function literal(ts: TypeScript, file: TS.SourceFile, name: string): TS.StringLiteralLike {
  const made = ts.setTextRange(ts.factory.createStringLiteral(name), { pos: 0, end: 0 });
  return Object.assign(made, { parent: file });
}

/**
 * A file with `await (…)` outside of functions is read twice, and TypeScript takes what came out of the first reading for its original. Where
 * it writes from which module a type comes that the file does not name, it asks the original for its path, which has none.
 */
function forgetFirstReading(file: TS.SourceFile): void {
  (file as { original?: TS.Node }).original = undefined;
}

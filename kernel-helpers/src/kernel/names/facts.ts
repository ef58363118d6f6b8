import type * as TS from "@tslab/typescript-for-tslab";
import type { TypeScript } from "./typescript";

/** What a name of a cell is: a class is both. */
export interface Kind {
  value: boolean;
  type: boolean;
}

/** The names that a cell declares at its top level. */
export interface CellFacts {
  kinds: Record<string, Kind>;
  /** Those that get their value while the cell runs, in that order: constants, classes, imports, … */
  steps: string[];
  /** Those that are there from its beginning, without a value: `var`. */
  vars: string[];
  /** Declarations that we say ourselves: the compiler has none of a `var` in a block or loop, and writes out all that a module has. */
  said: Record<string, string>;
  /** Those that live outside: `declare const name: …`. */
  outside: string[];
}

/** What each top-level name of a file is. */
export function kindsOf(ts: TypeScript, checker: TS.TypeChecker, file: TS.SourceFile): CellFacts["kinds"] {
  const kinds: CellFacts["kinds"] = Object.create(null); // A name can be `__proto__`.
  for (const [name, symbol] of localsOf(ts, file)) {
    const flags = meaning(ts, checker, symbol);
    const value = (flags & ts.SymbolFlags.Value) !== 0 && !isTypeOnly(ts, symbol);
    kinds[name] = { value, type: (flags & (ts.SymbolFlags.Type | ts.SymbolFlags.Namespace)) !== 0 };
  }
  return kinds;
}

/** The top-level names of a file; TypeScript has them, and does not say so in its types. */
export function localsOf(ts: TypeScript, file: TS.SourceFile): Map<string, TS.Symbol> {
  const { locals = new Map() } = file as { locals?: Map<TS.__String, TS.Symbol> };
  // `declare global {…}` is among them, and no name.
  const named = [...locals].filter(([name]) => name !== ts.InternalSymbolName.Global);
  return new Map(named.map(([name, symbol]) => [ts.unescapeLeadingUnderscores(name), symbol]));
}

/** The flags of a symbol, and of what it was imported from. */
export function meaning(ts: TypeScript, checker: TS.TypeChecker, symbol: TS.Symbol): TS.SymbolFlags {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol).flags : symbol.flags;
}

function isTypeOnly(ts: TypeScript, symbol: TS.Symbol): boolean {
  return symbol.declarations?.some((declaration) => ts.isTypeOnlyImportOrExportDeclaration(declaration)) ?? false;
}

import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Converter, Diagnostic } from "tslab/dist/converter";
import { createConverter } from "tslab/dist/converter";
import type { ConverterSet } from "tslab/dist/executor";
import { CellCompiler, type Compiled } from "./names/compile";
import { Names } from "./names/names";
import { noteCell, noteModuleCell, noteModules } from "./places/scripts";
import { handOverThrows } from "./places/throws";
import { newestProgram } from "./program";
import { ts } from "./typescript";

/** A converter that knows itself what the cells before have declared. */
export interface CellConverter extends Converter {
  /** The cell that was converted last has been run. Returns the value of its last line. */
  ended(ok: boolean): unknown;
  /** Converts code that nobody runs, so that the next conversion is faster. */
  warmUp(code: string): Compiled;
}

/**
 * tslab's converters from TypeScript to JavaScript, with these repairs: the variables of all cells are one table, and known as far as a failed
 * cell came (names/); every top-level await is noticed; and the code of a cell has a name in stack traces, `cell[3]-0123456789ab`:
 * the number of the cell, given by `count`, and a fingerprint of its text, by which the handles know a cell that is run again.
 */
export function createConverters(count: () => number): ConverterSet & { readonly node: CellConverter } {
  const node = repaired(createConverter({ isJS: false, isBrowser: false }), count);
  let browser: Converter | undefined;
  return {
    node,
    get browser() {
      browser ??= createConverter({ isJS: false, isBrowser: true });
      return browser;
    },
    close() {
      node.close();
      browser?.close();
    },
  };
}

function repaired(converter: Converter, count: () => number): CellConverter {
  const names = new Names(ts);
  const compiler = new CellCompiler(ts, converter, () => newestProgram()!);
  return {
    ...converter,
    convert(_previous, code) {
      const { diagnostics, cell, files } = compiler.compile(names.declarations, code);
      noteModules(files);
      for (const diagnostic of diagnostics) explain(diagnostic, names);
      if (cell === undefined) return { diagnostics };
      const run = names.begin(cell.facts, cell.declarations, count());
      // tslab's executor has made this global: the code of a cell takes what it needs from it before anything else.
      Object.assign((globalThis as unknown as { __tslab__: object }).__tslab__, {
        notebook: names.variables.table,
        cell: run,
      });
      const name = `cell[${count()}]-${fingerprint(code)}`;
      const output = `${handOverThrows(cell.javaScript)}\n//# sourceURL=${name}`;
      noteCell(name, `cell [${count()}]`, code, output);
      return { diagnostics, output, hasToplevelAwait: cell.awaits, sideOutputs: files };
    },
    addModule(name, content, meta) {
      noteModuleCell(join(process.cwd(), name), content);
      return converter.addModule(name, content, meta);
    },
    inspect: (_previous, code, position) => converter.inspect(names.declarations, code, position),
    complete: (_previous, code, position) => converter.complete(names.declarations, code, position),
    ended: (ok) => names.end(ok),
    warmUp: (code) => compiler.compile(names.declarations, code),
  };
}

const CANNOT_FIND_NAME = /^Cannot find name '([^']+)'\./;

function explain(diagnostic: Diagnostic, names: Names): void {
  const name = CANNOT_FIND_NAME.exec(diagnostic.messageText)?.[1];
  const why = name === undefined ? undefined : names.whyUnknown(name);
  if (why !== undefined) diagnostic.messageText = `Cannot find name '${name}'. ${why}`;
}

function fingerprint(code: string): string {
  return createHash("sha1").update(code).digest("hex").slice(0, 12);
}

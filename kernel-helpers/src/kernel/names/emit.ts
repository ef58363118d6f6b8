import { posix } from "node:path";
import type * as TS from "@tslab/typescript-for-tslab";
import { CellCode } from "./cell";
import { withFacts } from "./facts";
import type { TypeScript } from "./typescript";

// tslab's names for a cell and for the declarations of the cells before it.
const CELL = "__tslab__.ts";
const EARLIER = "__prev__.d.ts";

type Builder = TS.EmitAndSemanticDiagnosticsBuilderProgram;
type Host = TS.WatchCompilerHost<Builder>;

/**
 * Makes cells be compiled by `CellCode`, from inside of tslab's converter: it hears of each new program by the function that it sets as
 * `afterProgramCreate` of its host, and asks that program for the JavaScript.
 */
export function compileCells<T extends object>(ts: TypeScript, made: T): T {
  const host = made as unknown as Host;
  const read = host.readFile.bind(host);
  host.readFile = (path, encoding) =>
    posix.basename(path) === CELL ? exported(read(path, encoding)) : read(path, encoding);
  let heard: Host["afterProgramCreate"];
  Object.defineProperty(host, "afterProgramCreate", {
    configurable: true,
    enumerable: true,
    get: () => heard,
    set: (listener: (builder: Builder) => void) => {
      heard = (builder) => listener(compiling(ts, builder));
    },
  });
  return made;
}

/** tslab ends a cell with `export {…}`, in which names that begin with two underscores have three, as the compiler keeps them. */
function exported(text: string | undefined): string | undefined {
  return text?.replace(/\nexport \{[^{}\n]*\}$/, (names) => names.replace(/(?<=[{ ])___/g, "__"));
}

type Program = TS.Program & {
  /** The last argument has TypeScript write declarations that it complains of. */
  emit(...args: [...Required<Parameters<TS.Program["emit"]>>, force: true]): TS.EmitResult;
};

function isCell(file: TS.SourceFile | undefined): file is TS.SourceFile {
  return file !== undefined && posix.basename(file.fileName) === CELL;
}

function compiling(ts: TypeScript, builder: Builder): Builder {
  const emit = builder.emit;
  const program = builder.getProgram() as Program;
  // A type without a name that a declaration could use, such as that of `const fs = await import("fs")`, is no mistake of a cell: nobody
  // reads its declarations but the compiler, which takes what it cannot find as `any`.
  const complaints = program.getDeclarationDiagnostics;
  program.getDeclarationDiagnostics = (file, cancel) => (isCell(file) ? [] : complaints(file, cancel));
  builder.emit = (file, write, cancel, onlyDeclarations, own) => {
    // tslab's own transformer of the JavaScript is left out. It also takes the last line of a file that the cell imports for its result.
    const { afterDeclarations = [] } = own ?? {};
    if (!isCell(file)) return emit(file, write, cancel, onlyDeclarations, { afterDeclarations });
    const earlier = program.getSourceFile(posix.join(posix.dirname(file.fileName), EARLIER))!;
    const code = new CellCode({ ts, checker: program.getTypeChecker(), cell: file, earlier });
    const writing: TS.WriteFileCallback = (name, text, ...others) =>
      write?.(name, name.endsWith(".d.ts") ? withFacts(text, code.facts) : text, ...others);
    return program.emit(
      file,
      writing,
      cancel!,
      onlyDeclarations!,
      { before: [code.transform], afterDeclarations },
      true,
    );
  };
  return builder;
}

import { realpathSync } from "node:fs";
import module from "node:module";
import { posix } from "node:path";
import type * as TS from "@tslab/typescript-for-tslab";
import type { Converter, Diagnostic, SideOutput } from "tslab/dist/converter";
import { esModuleToCommonJSModule } from "tslab/dist/converter";
import { realPath } from "../folder";
import { knowingEnough } from "../late-types";
import { compilerWatching } from "../watching";
import { hasTopLevelAwait } from "./await";
import { type Emitted, emitCell, emitFile } from "./emit";
import { withoutExports } from "./exports";
import { localsOf } from "./facts";
import { CELL, EARLIER, importsOf, noteImports } from "./imports";
import { problemsOf } from "./problems";
import { isSource, resolved } from "./relative";
import type { TypeScript } from "./typescript";

/** What tslab puts before both, so that they are modules. */
const PREFIX = "export {};\n";

/** What has become of a cell: JavaScript, unless something is wrong with it. */
export interface Compiled {
  diagnostics: Diagnostic[];
  cell?: Emitted & { awaits: boolean };
  /** The files that it imports, as CommonJS, by their real paths: those that were not compiled yet as they are now. */
  files: SideOutput[];
}

/**
 * Compiles cells with the program of tslab's converter. That checks a cell twice: once to hear which names it has, and then with
 * `export {…}` behind it, so that there are declarations of them. Here they are known before, from the text of the cell alone: measured, a
 * cell that declares something takes 10 ms of the processor's time and not 32.
 */
export class CellCompiler {
  /** Of the files that cells import, the version that was compiled. */
  readonly #compiled = new Map<string, string>();

  constructor(
    readonly ts: TypeScript,
    readonly converter: Converter,
    readonly program: () => TS.Program,
  ) {}

  compile(declarations: string, code: string): Compiled {
    compilerWatching()?.catchUp();
    const compiled = knowingEnough(() => this.#compile(declarations, code));
    for (const { file, version } of compiled.files) this.#compiled.set(file.fileName, version);
    return { ...compiled, files: compiled.files.map(({ output }) => output) };
  }

  #compile(declarations: string, code: string) {
    const { ts } = this;
    const { program, cell, earlier } = this.#programFor(declarations, code);
    const all = reachable(program, cell);
    const imported = all.filter(({ fileName }) => isSource(fileName));
    const diagnostics = problemsOf(ts, program, [cell, ...imported], PREFIX);
    if (diagnostics.length > 0) return { diagnostics, files: [] };
    noteImports(cell);
    this.#forgetChangedJson(all);
    const versions = imported.map((file) => ({ file, version: this.#versionOf(program, file) }));
    const changed = versions.filter(({ file, version }) => this.#compiled.get(file.fileName) !== version);
    const files = changed.map(({ file, version }) => ({ file, version, output: this.#emitted(program, file) }));
    const emitted = emitCell(ts, program, cell, earlier);
    return { diagnostics, cell: { ...emitted, awaits: hasTopLevelAwait(ts, cell) }, files };
  }

  #programFor(declarations: string, written: string) {
    const code = withoutExports(this.ts, written);
    const names = this.#namesOf(code);
    const text = names.length === 0 ? code : `${code}\nexport {${names.join(", ")}}`;
    // Whatever it is asked about a cell, tslab makes the program for it. This question, about the prefix, is answered at once.
    this.converter.inspect(declarations, text, -PREFIX.length);
    const program = this.program();
    return { program, cell: program.getSourceFile(CELL)!, earlier: program.getSourceFile(EARLIER)! };
  }

  #namesOf(code: string): string[] {
    const { ts } = this;
    const file = ts.createSourceFile(CELL, PREFIX + code, ts.ScriptTarget.ES2022);
    ts.bindSourceFile(file, {});
    return [...localsOf(ts, file).keys()];
  }

  /**
   * Another one when the file has changed, or one that it imports: a module whose `./words` has changed is run again, too, or it would go on with
   * the words that it has got.
   */
  #versionOf(program: TS.Program, file: TS.SourceFile): string {
    const all = [file, ...reachable(program, file).filter(({ isDeclarationFile }) => !isDeclarationFile)];
    return all.map((one) => `${one.fileName} ${versionOf(one)}`).join("\n");
  }

  /** Node reads a JSON file once. */
  #forgetChangedJson(files: readonly TS.SourceFile[]): void {
    for (const file of files.filter(({ fileName }) => fileName.endsWith(".json"))) {
      const before = this.#compiled.get(file.fileName);
      this.#compiled.set(file.fileName, versionOf(file));
      if (before !== undefined && before !== versionOf(file)) forget(file.fileName);
    }
  }

  #emitted(program: TS.Program, file: TS.SourceFile): SideOutput {
    const { ts } = this;
    const data = esModuleToCommonJSModule(emitFile(ts, program, file), program.getCompilerOptions().target!);
    return { path: realPath(file.fileName.replace(/\.[jt]s$/, ".js")), data };
  }
}

/** Another one when the file has changed. TypeScript has it, and does not say so in its types. */
function versionOf(file: TS.SourceFile): string {
  return (file as TS.SourceFile & { version: string }).version;
}

/** Has Node's `require` read a file again. */
function forget(fileName: string): void {
  const { _cache: cache } = module as typeof module & { _cache: NodeJS.Require["cache"] };
  delete cache[realpathSync(realPath(fileName))];
}

/** The files that a file imports, and that those import. */
function reachable(program: TS.Program, from: TS.SourceFile): TS.SourceFile[] {
  const found = new Set([from]);
  // A Set is gone through to its end, which moves.
  for (const file of found) {
    for (const name of importedBy(file)) {
      const imported = program.getSourceFile(name);
      if (imported !== undefined) found.add(imported);
    }
  }
  found.delete(from);
  return [...found];
}

/** The names of the files that a file imports, as far as they were found. */
function importedBy(file: TS.SourceFile): string[] {
  const references = file.referencedFiles.map(({ fileName }) => posix.join(posix.dirname(file.fileName), fileName));
  const found = importsOf(file).map((name) => resolved(file, name));
  return [...references, ...found.filter((name) => name !== undefined)];
}

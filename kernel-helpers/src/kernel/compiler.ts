import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type {
  CompilerHost,
  CompilerOptions,
  EmitAndSemanticDiagnosticsBuilderProgram,
  ResolvedModuleWithFailedLookupLocations,
  System,
  WatchCompilerHostOfFilesAndCompilerOptions,
} from "@tslab/typescript-for-tslab";
import type { Converter, ConverterOptions } from "tslab/dist/converter";
import { compilerPath, realPath, STAND_IN, withRealPaths } from "./folder";
import { knowingEnough, OWN_TYPES, watchForWants, withoutLateTypes } from "./late-types";
import { prepareFile } from "./names/imports";
import { isSource } from "./names/relative";
import type { TypeScript } from "./names/typescript";
import { NAME, PACKAGE } from "./package";
import { noteProgramsOf } from "./program";
import { putOffTogether } from "./put-off";
import { Watching, watchWith } from "./watching";

type Converting = typeof import("tslab/dist/converter");

/** The file, not its folder: for that TypeScript tries several names first, and watches for each of them. */
const DECLARATIONS = join(PACKAGE, "dist", "index.d.ts");

const TSLAB = dirname(require.resolve("tslab/package.json"));

/**
 * TypeScript for tslab's converter. tslab asks for the host of its program with options that it does not let anybody choose, and TypeScript's
 * own functions cannot be replaced, so this is a copy of the table in which they are, with others in two places. What it makes of a cell is ours (names/).
 */
export function prepareCompiler(ts: TypeScript): TypeScript {
  standInFolder(ts.sys);
  return copyWith(ts, { createWatchCompilerHost: watchCompilerHost(ts), createWatchProgram: watchProgram(ts) });
}

/** A copy of what a module exports, with others in some places. */
function copyWith<T extends object>(exports: T, others: object): T {
  const changed = Object.getOwnPropertyDescriptors(others);
  return Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(exports), ...changed }) as T;
}

type Host = WatchCompilerHostOfFilesAndCompilerOptions<EmitAndSemanticDiagnosticsBuilderProgram>;
type MakeHost = (files: string[], options: CompilerOptions, ...others: unknown[]) => Host;

function watchCompilerHost(ts: TypeScript): MakeHost {
  const make = ts.createWatchCompilerHost as unknown as MakeHost;
  return (files, options, system, _createProgram, ...others) => {
    // Programs only: tslab would have them as "builders", which know of each file whom it concerns. Nobody asks that of a cell.
    const own = [system, ts.createAbstractBuilder, ...others];
    const made = make([...files, DECLARATIONS], { ...options, ...locations(options) }, ...own);
    const host = noteProgramsOf(made);
    putOffTogether(host);
    const { createProgram } = host;
    host.createProgram = (roots, chosen, compilerHost, ...more) => {
      forgoLibraries(ts, compilerHost);
      prepareFiles(ts, compilerHost!);
      const builder = createProgram(roots, chosen, compilerHost, ...more);
      // Now, because tslab takes it for granted that each node knows what it is in.
      builder.getProgram().getTypeChecker();
      watchForWants(builder.getProgram());
      return builder;
    };
    return host;
  };
}

const prepared = new WeakSet<CompilerHost>();

/** Has each file prepared that the host gives. It is the same host for all programs of a converter. */
function prepareFiles(ts: TypeScript, host: CompilerHost): void {
  if (prepared.has(host)) return;
  prepared.add(host);
  const { getSourceFile, getSourceFileByPath } = host;
  host.getSourceFile = (...args) => prepareFile(ts, getSourceFile(...args));
  const { resolveModuleNameLiterals } = host;
  host.resolveModuleNameLiterals = (...args) => resolveModuleNameLiterals!(...args).map(inFolder(ts.sys));
  host.getSourceFileByPath = (...args) => prepareFile(ts, getSourceFileByPath!(...args));
}

type Resolved = ResolvedModuleWithFailedLookupLocations;

/** A file of the notebook's folder has one name, whichever it is imported by: `./mine`, `/home/learner/mine`, `../learner/mine`, through a link. */
function inFolder(sys: System): (found: Resolved) => Resolved {
  return (found) => {
    const { resolvedModule } = found;
    if (resolvedModule === undefined || resolvedModule.isExternalLibraryImport === true) return found;
    const { resolvedFileName: name } = resolvedModule;
    const direct = compilerPath(realPath(name));
    const resolvedFileName = direct.startsWith(`${STAND_IN}/`) || !isSource(name) ? direct : sys.realpath!(name);
    return resolvedFileName === name ? found : { ...found, resolvedModule: { ...resolvedModule, resolvedFileName } };
  };
}

/**
 * Says that no package replaces a library of TypeScript's. For each of the 60 it would look for one (`@typescript/lib-es2015`, …) in all
 * folders above the notebook's, whenever a cell imports something else than the one before it: measured, half of the time of such a cell.
 */
function forgoLibraries(ts: TypeScript, host: CompilerHost | undefined): void {
  const known = host?.getModuleResolutionCache?.()?.getOrCreateCacheForDirectory(STAND_IN);
  const { libs } = ts as unknown as { libs: string[] };
  for (const name of known === undefined ? [] : libs) {
    // As in TypeScript: es2015.core is looked for in @typescript/lib-es2015/core.
    const [first, second, ...rest] = name.split(".");
    const path = [second === undefined ? first : `${first}/${second}`, ...rest].join("-");
    known!.set(`@typescript/lib-${path}`, undefined, { resolvedModule: undefined });
  }
}

interface WatchProgram {
  updateRootFileNames(files: string[]): void;
}

/**
 * The declarations of kernel-helpers always belong to the program, also between two cells that import it: otherwise the compiler forgets
 * them after each cell that does not, and reads 90 files again for the next that does. Measured: 0.2 s.
 */
function watchProgram(ts: TypeScript): (host: never) => WatchProgram {
  const make = ts.createWatchProgram as (host: never) => WatchProgram;
  return (host) => {
    const program = make(host);
    return { ...program, updateRootFileNames: (files) => program.updateRootFileNames([...files, DECLARATIONS]) };
  };
}

/**
 * Makes `kernel-helpers` this package, and the types of Node known, for cells in any folder: the kernel is found by its path, while
 * TypeScript looks for packages from the notebook's folder upwards.
 */
function locations(options: CompilerOptions): CompilerOptions {
  // tslab adds a folder of its own, where npm puts types of another Node, or none.
  const typeRoots = (options.typeRoots ?? []).filter((root) => !root.startsWith(TSLAB));
  return {
    paths: { [NAME]: [DECLARATIONS], [`${NAME}/*`]: [join(PACKAGE, "*")] },
    // The notebook's folder may have its own types of Node.
    typeRoots: typeRoots.some((root) => existsSync(realPath(join(root, "node", "package.json"))))
      ? typeRoots
      : [...typeRoots, OWN_TYPES],
  };
}

/** Lets TypeScript find the notebook's files by the names that it gives them, and watch them. */
function standInFolder(sys: System): void {
  const { readFile, fileExists, directoryExists, getDirectories, readDirectory, realpath, getModifiedTime } = sys;
  const watches = new Watching(sys.watchFile!.bind(sys), sys.watchDirectory!.bind(sys), isOfNotebook);
  watchWith(watches);
  Object.assign(sys, {
    getCurrentDirectory: () => STAND_IN,
    readFile: (path, encoding) => withoutLateTypes(path, readFile(realPath(path), encoding)),
    fileExists: (path) => fileExists(realPath(path)),
    directoryExists: (path) => directoryExists(realPath(path)),
    getDirectories: (path) => typesIn(realPath(path)) ?? getDirectories(realPath(path)),
    getModifiedTime: (path) => getModifiedTime!(realPath(path)),
    realpath: (path) => compilerPath(realpath!(realPath(path))),
    readDirectory: (path, ...others) => readDirectory(realPath(path), ...others).map(under(path)),
    watchFile: (path, callback, ...others) =>
      watches.file(realPath(path), (_file, kind, time) => callback(path, kind, time), ...others),
    watchDirectory: (path, callback, ...others) =>
      watches.folder(realPath(path), (file) => callback(under(path)(file)), ...others),
  } satisfies Partial<System>);
}

/** Whether a file lies in the notebook's folder, and not in a package there. */
function isOfNotebook(path: string): boolean {
  return compilerPath(path).startsWith(STAND_IN) && !path.includes("node_modules");
}

/** Of the types that come with this project those of Node are there for all cells; the others, of what the project itself uses, where they are imported. */
function typesIn(folder: string): string[] | undefined {
  return folder === OWN_TYPES ? ["node"] : undefined;
}

/** Turns the name of a file in a folder into that by which the compiler knows it. */
function under(folder: string): (file: string) => string {
  const real = realPath(folder);
  return (file) => (file.startsWith(real) ? folder + file.slice(real.length) : file);
}

/** tslab's converter, which lets the real names of files out only. */
export function prepareConverting(converting: Converting): Converting {
  const createConverter = (options?: ConverterOptions) => withRealNames(converting.createConverter(options));
  return copyWith(converting, { createConverter });
}

function withRealNames(converter: Converter): Converter {
  return {
    ...converter,
    inspect(...args) {
      const found = knowingEnough(() => converter.inspect(...args));
      for (const part of found?.displayParts ?? []) part.text = withRealPaths(part.text);
      return found;
    },
    complete: (...args) => knowingEnough(() => converter.complete(...args)),
    addModule(...args) {
      const diagnostics = knowingEnough(() => converter.addModule(...args));
      for (const one of diagnostics) one.messageText = withRealPaths(one.messageText);
      return diagnostics;
    },
  };
}

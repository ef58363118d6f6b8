import { existsSync } from "node:fs";
import module from "node:module";
import { dirname, join } from "node:path";
import type { CompilerOptions } from "@tslab/typescript-for-tslab";
import { noteProgramsOf } from "./program";

const NAME = "kernel-helpers";
/** The folder of this package. */
const HELPERS = join(__dirname, "..", "..");

/**
 * Makes `kernel-helpers` this package, and the types of Node known, for cells in any folder: the kernel is found by its path, while
 * Node and TypeScript look for packages from the notebook's folder upwards. To be called before tslab's converter is loaded.
 */
export function resolveFromAnyFolder(): void {
  resolveAtRunTime();
  resolveTypes();
}

type ResolveFilename = (request: string, ...others: unknown[]) => string;

/** Also for the modules beside a notebook that a cell imports. */
function resolveAtRunTime(): void {
  const loader = module as unknown as { _resolveFilename: ResolveFilename };
  const resolve = loader._resolveFilename;
  loader._resolveFilename = (request, ...others) => resolve.call(loader, ownPath(request) ?? request, ...others);
}

/** Always this package, also where the folder has another of that name: two would be two registries of handles. */
function ownPath(request: string): string | undefined {
  if (request === NAME) return HELPERS;
  return request.startsWith(`${NAME}/`) ? join(HELPERS, request.slice(NAME.length + 1)) : undefined;
}

type MakeHost = (files: string[], options: CompilerOptions, ...others: unknown[]) => unknown;

/**
 * tslab asks TypeScript for the host of its program with options that it does not let anybody choose. TypeScript's own functions
 * cannot be replaced, so the converter is given a copy of the table in which they are, with another function in one place.
 */
function resolveTypes(): void {
  const find = module.createRequire(require.resolve("tslab/dist/converter"));
  const ts: { createWatchCompilerHost: MakeHost } = find("@tslab/typescript-for-tslab");
  const createWatchCompilerHost: MakeHost = (files, options, ...others) =>
    noteProgramsOf(ts.createWatchCompilerHost(files, { ...options, ...locations(options) }, ...others));
  const loaded = require.cache[find.resolve("@tslab/typescript-for-tslab")]!;
  loaded.exports = Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(ts),
      createWatchCompilerHost: { value: createWatchCompilerHost, enumerable: true },
    },
  );
}

function locations({ typeRoots = [] }: CompilerOptions): CompilerOptions {
  return {
    // The file, not its folder: for that TypeScript tries several names first, and watches for each of them.
    paths: { [NAME]: [join(HELPERS, "dist", "index.d.ts")], [`${NAME}/*`]: [join(HELPERS, "*")] },
    // The notebook's folder may have its own types of Node. If it has none, tslab looks where npm does not put them.
    typeRoots: typeRoots.some((root) => existsSync(join(root, "node", "package.json")))
      ? typeRoots
      : [...typeRoots, dirname(dirname(require.resolve("@types/node/package.json")))],
  };
}

import module from "node:module";
import { join } from "node:path";
import { prepareCompiler, prepareConverting } from "./compiler";
import { NAME, PACKAGE } from "./package";

type ResolveFilename = (request: string, ...others: unknown[]) => string;

/**
 * Makes `kernel-helpers` this package for cells in any folder, and for the modules beside a notebook that a cell imports: Node looks for
 * packages from the notebook's folder upwards.
 */
export function resolveFromAnyFolder(): void {
  const loader = module as unknown as { _resolveFilename: ResolveFilename };
  const resolve = loader._resolveFilename;
  loader._resolveFilename = (request, ...others) => resolve.call(loader, ownPath(request) ?? request, ...others);
}

/** Always this package, also where the folder has another of that name: two would be two registries of handles. */
function ownPath(request: string): string | undefined {
  if (request === NAME) return PACKAGE;
  return request.startsWith(`${NAME}/`) ? join(PACKAGE, request.slice(NAME.length + 1)) : undefined;
}

/** Loads TypeScript and tslab's converter as the kernel needs them (compiler.ts). To be called before anything else loads them. */
export function loadCompiler(): void {
  const find = module.createRequire(require.resolve("tslab/dist/converter"));
  replaceExports(find, "@tslab/typescript-for-tslab", prepareCompiler);
  replaceExports(require, "tslab/dist/converter", prepareConverting);
}

function replaceExports<T>(from: NodeJS.Require, name: string, prepare: (exports: T) => T): void {
  const exports: T = from(name);
  from.cache[from.resolve(name)]!.exports = prepare(exports);
}

import { readFileSync } from "node:fs";
import module from "node:module";
import { dirname, join } from "node:path";
import { compileFunction } from "node:vm";
import { PACKAGE } from "../package";

/** A file that is compiled, and not yet run: it may ask the process anything when it is. */
export interface Ahead {
  run: (...args: unknown[]) => unknown;
  /** The files that it requires, by the names that it has for them. */
  requires: Record<string, string>;
}

/*
 * The kernel's other files, zeromq and kernel-helpers with koffi are loaded when there is a process. What can be done before is: to find them, to
 * read them, and to compile them. Measured: kernel-helpers, 200 files, is loaded in 40 ms of the processor's time and not in 105.
 */
export function compileAhead(done: Record<string, unknown>): Record<string, Ahead> {
  const zeromq = module.createRequire(require.resolve("tslab/dist/jupyter")).resolve("zeromq");
  const roots = [join(PACKAGE, "dist", "kernel", "launcher.js"), join(PACKAGE, "dist", "index.js"), zeromq];
  const compiled: Record<string, Ahead> = {};
  const add = (file: string): void => {
    if (done[file] !== undefined || compiled[file] !== undefined || !file.endsWith(".js")) return;
    const text = readFileSync(file, "utf8");
    // What was compiled before there was a process cannot `import(…)`.
    if (/\bimport\s*\(/.test(text)) return;
    const names = ["exports", "require", "module", "__filename", "__dirname"];
    const run = compileFunction(text, names, { filename: file }) as Ahead["run"];
    const requires = found(file, text);
    compiled[file] = { run, requires };
    for (const other of Object.values(requires)) add(other);
  };
  for (const root of roots) add(root);
  return compiled;
}

/** What a file requires as soon as it is run: what stands at the beginning of a line. What is inside of a function comes later, or never. */
function found(file: string, text: string): Record<string, string> {
  const { resolve } = module.createRequire(file);
  const names = [...text.matchAll(/^\S.*?\brequire\("([^"]+)"\)/gm)].map(([, name]) => name!);
  const others = names.filter((name) => !module.isBuiltin(name));
  return Object.fromEntries(others.flatMap((name) => entry(name, resolve)));
}

function entry(name: string, resolve: NodeJS.RequireResolve): [string, string][] {
  try {
    return [[name, resolve(name)]];
  } catch {
    return []; // It will be said when it is asked for.
  }
}

type Loader = typeof module & {
  _extensions: NodeJS.RequireExtensions;
  _resolveFilename(name: string, parent: NodeJS.Module | undefined, ...others: unknown[]): string;
  _cache: NodeJS.Require["cache"];
};

/** Has Node's loader take the files that are compiled. */
export function loadFrom(compiled: Record<string, Ahead>): void {
  const loader = module as Loader;
  const { _resolveFilename: resolve } = loader;
  loader._resolveFilename = (name, parent, ...others) => {
    const known = others[1] === undefined ? compiled[parent?.filename ?? ""]?.requires[name] : undefined;
    return known ?? resolve.call(loader, name, parent, ...others);
  };
  const load = loader._extensions[".js"]!;
  loader._extensions[".js"] = (module: NodeJS.Module, file: string) => {
    const ahead = compiled[file];
    if (ahead === undefined) return load.call(loader._extensions, module, file);
    const { exports } = module;
    Reflect.apply(ahead.run, exports, [exports, requireOf(loader, module), module, file, dirname(file)]);
  };
}

function requireOf(loader: Loader, module: NodeJS.Module): NodeJS.Require {
  const resolve = (name: string, options?: object) => loader._resolveFilename(name, module, false, options);
  const paths = () => module.paths;
  return Object.assign((name: string) => module.require(name), {
    resolve: Object.assign(resolve, { paths }),
    main: process.mainModule,
    extensions: loader._extensions,
    cache: loader._cache,
  });
}

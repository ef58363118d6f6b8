/*
 * What Node runs to make a start-up snapshot (`--build-snapshot`): the modules that the kernel loads before its first cell, loaded, with
 * the compiler warm. No module itself: here Node has a `require` of its own modules only, and no `exports`. Its loader of modules cannot
 * be used, a process that has used it starts from no snapshot; so this is one, which looks for files as that does.
 */
{
  const { readFileSync }: typeof import("node:fs") = require("node:fs");
  const Loader: typeof import("node:module") = require("node:module");
  const { dirname }: typeof import("node:path") = require("node:path");
  const { compileFunction }: typeof import("node:vm") = require("node:vm");

  const modules: Record<string, NodeJS.Module> = {};
  const createRequire = Loader.createRequire;
  let building = true;

  const load = (file: string): unknown => {
    const known = modules[file];
    if (known !== undefined) return known.exports;
    const module = new Loader(file);
    Object.assign(module, { filename: file, paths: pathsFrom(dirname(file)) });
    modules[file] = module;
    const text = narrow(readFileSync(file, "utf8"));
    if (file.endsWith(".json")) module.exports = JSON.parse(text);
    else {
      const names = ["exports", "require", "module", "__filename", "__dirname"];
      const run = compileFunction(text, names, { filename: file });
      Reflect.apply(run, module.exports, [module.exports, requireFrom(file), module, file, dirname(file)]);
    }
    module.loaded = true;
    return module.exports;
  };

  /**
   * A text that takes one byte for each character. TypeScript's eight megabytes have five characters, in comments, for which they would take
   * two: all of them in the memory of every kernel.
   */
  const narrow = (text: string): string => {
    const escaped = text.replace(/[^\x00-\xff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
    return Buffer.from(escaped, "latin1").toString("latin1");
  };

  const pathsFrom = (folder: string): string[] =>
    (Loader as unknown as { _nodeModulePaths(from: string): string[] })._nodeModulePaths(folder);

  /** The `require` of a file: once the process has started from the snapshot, Node's own. */
  const requireFrom = (file: string): NodeJS.Require => {
    const later = createRequire(file);
    const now = (id: string) => (Loader.isBuiltin(id) ? require(id) : load(later.resolve(id)));
    return Object.assign((id: string) => (building ? now(id) : later(id)), {
      resolve: later.resolve,
      cache: modules,
      extensions: later.extensions,
      main: undefined,
    });
  };

  Loader.createRequire = (file) => requireFrom(String(file));
  const { warmUp } = load(`${__dirname}/warm.js`) as typeof import("./warm");
  const use = () => {
    building = false;
    Loader.createRequire = createRequire;
    return modules;
  };
  Object.assign(globalThis, { [Symbol.for("socket-workshop.snapshot")]: warmUp(modules, use) });
}

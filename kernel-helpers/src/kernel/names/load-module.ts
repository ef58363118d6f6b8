import { isBuiltin } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Loads a module as `import(…)` in a cell does. */
export type LoadModule = (specifier: unknown) => Promise<object>;

/** The `require` of the cells: it also finds the TypeScript files beside the notebook, and this kernel's tslab. */
type Require = { (name: string): unknown; resolve(name: string): string };

/**
 * What Node does, except for CommonJS modules: there it has to guess the names that they export, while this has all of them, as TypeScript's
 * own conversion of `import()` to `require` does. That conversion alone cannot load a module that awaits at its top level.
 */
export async function loadModule(specifier: unknown): Promise<object> {
  const name = String(specifier);
  if (isBuiltin(name)) return import(name);
  const { require } = (globalThis as unknown as { __tslab__: { require: Require } }).__tslab__;
  try {
    return namespaceOf(require(name));
  } catch (error) {
    if (!isForImportOnly(error)) throw error;
    const found = name.startsWith(".") ? join(process.cwd(), name) : require.resolve(name);
    return import(pathToFileURL(found).href);
  }
}

function isForImportOnly(error: unknown): boolean {
  const { code } = Object(error) as NodeJS.ErrnoException;
  return code === "ERR_REQUIRE_ASYNC_MODULE" || code === "ERR_REQUIRE_ESM";
}

/** An ES module is its namespace; of another module the value is the default, and its properties are the names. */
function namespaceOf(loaded: unknown): object {
  const value = Object(loaded) as Record<string, unknown>;
  if (value.__esModule === true || value[Symbol.toStringTag as unknown as string] === "Module") return value;
  const names = Object.keys(value).filter((name) => name !== "default");
  return { ...Object.fromEntries(names.map((name) => [name, value[name]])), default: loaded };
}

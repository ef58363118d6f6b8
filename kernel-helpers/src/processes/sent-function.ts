import { createRequire } from "node:module";
import { join } from "node:path";
import { runInThisContext } from "node:vm";
import { isOf } from "../bytes/arguments";
import type { OnConversation } from "../servers/options";
import { codeOf } from "./code-of";

/*
 * A function is sent to another process as its text: the variables around it stay here. In a cell, a kernel has written the top-level
 * names as properties: `notebook.PORT` in ours (another number of underscores or letters when a cell uses that name itself), `exports.PORT`
 * in tslab's own. There they are found among the helpers, and nowhere else.
 */

export type Helpers = Readonly<Record<string, unknown>>;

const NOTEBOOK = /(?<![\w$.])(notebook\w*|exports)\.([\w$]+)/g;
/** What a function calls by that name itself is another thing: the kernel has taken another name then. */
const OWN = /\b(?:const|let|var|function|class)\s+(notebook\w*|exports)\b/g;

/** What to do where a function uses a variable that it does not have. */
function noVariable(name: string, process: string): string {
  return `The function runs in ${process}, where "${name}" does not exist: it has the helpers, but no variable of the notebook. Write the value into the function, or declare "${name}" inside it; a module of Node is const ${name} = require("${name}").`;
}

/**
 * The text of a function that is to run in another process.
 *
 * @param helpers the names of what can be imported from the package, where they are known
 *
 * @throws TypeError for a function that has no text of its own, or uses a variable of the notebook
 */
export function textOf(handler: OnConversation, process: string, helpers: Helpers): string {
  const text = Function.prototype.toString.call(handler);
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text))
    throw new TypeError(
      `The function is sent to ${process} as its text, and this one has none: it was made by bind(), or is built in. Write it here: async (conversation) => { … }.`,
    );
  const code = codeOf(text);
  const own = new Set([...code.matchAll(OWN)].map(([, name]) => name));
  for (const [, table, name] of code.matchAll(NOTEBOOK)) {
    if (name !== undefined && !own.has(table) && !(name in helpers)) throw new TypeError(noVariable(name, process));
  }
  return text;
}

/** Makes the function of its text, in the other process. */
export function madeFromText(text: string, helpers: Helpers, process: string): OnConversation {
  const table = new Proxy(helpers, {
    get(all, name) {
      if (typeof name === "string" && !(name in all)) throw new ReferenceError(noVariable(name, process));
      return Reflect.get(all, name);
    },
    set(_, name) {
      throw new ReferenceError(noVariable(String(name), process));
    },
  });
  const tables = new Set([...text.matchAll(/\b(notebook\w*|exports)\./g)].map(([, name]) => name as string));
  const names = [...new Set([...Object.keys(helpers).filter((name) => !tables.has(name)), ...tables, "require"])];
  const find = createRequire(join(globalThis.process.cwd(), "notebook.js"));
  const values = names.map((name) => (name === "require" ? find : tables.has(name) ? table : helpers[name]));
  const made = evaluated(names, text)(...values) as OnConversation;
  return async (conversation) => {
    try {
      return await made(conversation);
    } catch (error) {
      const missing = isOf(error, ReferenceError) ? /^(\S+) is not defined$/.exec(error.message)?.[1] : undefined;
      if (missing !== undefined) (error as Error).message = noVariable(missing, process);
      throw error;
    }
  };
}

/** A method of an object (`answer(conversation) { … }`) is no expression by itself. */
function evaluated(names: readonly string[], text: string): (...values: unknown[]) => unknown {
  const program = (expression: string): string => `(function (${names.join(", ")}) { return (${expression}\n); })`;
  const options = { filename: "conversation.js" };
  try {
    return runInThisContext(program(text), options);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return runInThisContext(program(`Object.values({ ${text}\n })[0]`), options);
  }
}

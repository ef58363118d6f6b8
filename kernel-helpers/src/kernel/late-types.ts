import { dirname, join, sep } from "node:path";
import type { Program, SourceFile, Symbol as TypeSymbol } from "@tslab/typescript-for-tslab";
import { realPath } from "./folder";
import { compilerWatching } from "./watching";

/** The folder with the types of Node that come with this project. */
export const OWN_TYPES = dirname(dirname(require.resolve("@types/node/package.json")));
const NODE_TYPES = join(OWN_TYPES, "node") + sep;

/*
 * Two thirds of what the compiler has read are the types of Node's modules, and few cells use any of them. So a file that declares nothing but
 * modules is read as their names, with nothing in them, until somebody asks what is in one of them: then it is read, and the question
 * is asked again. Measured: the snapshot has 31 MB and not 42, and a kernel starts in 230 ms of the processor's time and not in 305.
 */
const MARK = "// Only the names of these modules.\n";
/** The files that are read as they are. */
const whole = new Set<string>();
/** Those of which somebody has wanted more than names. */
const wanted = new Set<string>();
const watched = new WeakSet<SourceFile>();

/** What the compiler is to read in the place of a file's text. */
export function withoutLateTypes(path: string, text: string | undefined): string | undefined {
  const real = realPath(path);
  if (text === undefined || !real.startsWith(NODE_TYPES) || whole.has(real)) return text;
  return namesOnly(text) ?? text;
}

/** Undefined for a file that declares something else than modules, in one of them too. */
function namesOnly(text: string): string | undefined {
  if (/^\s+global \{/m.test(text)) return undefined;
  const kept: string[] = [];
  for (const [line] of text.matchAll(/^\S.*$/gm)) {
    const module = /^declare module ("[^"]+"|'[^']+') \{/.exec(line);
    if (module !== null) kept.push(`${module[0]}}\n`);
    else if (line.startsWith("/// <reference")) kept.push(`${line}\n`);
    else if (!/^(?:\}|\/\/|\/\*|\*\/)/.test(line)) return undefined;
  }
  return kept.some((line) => line.startsWith("declare")) ? MARK + kept.join("") : undefined;
}

/** Has it noted when somebody asks what is in a module of which a program has the name only. To be called when the program knows its names. */
export function watchForWants(program: Program): void {
  for (const file of program.getSourceFiles()) {
    if (watched.has(file) || !file.text.startsWith(MARK)) continue;
    watched.add(file);
    const { locals } = file as { locals?: Map<unknown, TypeSymbol> };
    for (const module of locals?.values() ?? []) watch(module, realPath(file.fileName));
  }
}

function watch(module: TypeSymbol, path: string): void {
  let { exports } = module;
  Object.defineProperty(module, "exports", {
    configurable: true,
    enumerable: true,
    get: () => {
      wanted.add(path);
      return exports;
    },
    set: (others: TypeSymbol["exports"]) => {
      exports = others;
    },
  });
}

/** Asks the compiler something, again if it did not know what is in some modules: then it does. */
export function knowingEnough<T>(ask: () => T): T {
  for (;;) {
    const answer = ask();
    if (wanted.size === 0) return answer;
    for (const path of wanted) {
      whole.add(path);
      compilerWatching()?.changed(path);
    }
    wanted.clear();
  }
}

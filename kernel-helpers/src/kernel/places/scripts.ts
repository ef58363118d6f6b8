import { existsSync, readFileSync } from "node:fs";
import type { Node } from "@tslab/typescript-for-tslab";
import type { SideOutput } from "tslab/dist/converter";
import type { Place } from "./source-lines";

/** A place in what somebody wrote. */
export interface SourcePlace {
  /** Whose code it is: `cell [3]`, or the path of a file. */
  where: string;
  /** Where in it, and the whole line. Undefined where that could not be found out. */
  at: (Place & { text: string }) | undefined;
}

/** Code that runs, and what it was made of. */
interface Script {
  /** As a learner knows it: `cell [3]`, `/home/learner/helper.ts`. */
  where: string;
  source: string;
  javaScript: string;
  find?: (place: Place) => Place | undefined;
}

/** How many are kept. Of older ones nobody is told the line any more. */
const KEPT = 1000;

const scripts = new Map<string, Script>();
/** The text of cells that are modules (`@module name`), by their path without its ending. */
const moduleCells = new Map<string, string>();

let newest = "";

/** What V8 calls the cell that was compiled last. */
export function newestCell(): string {
  return newest;
}

/** Notes what a cell was compiled to; `name` is what V8 calls it. */
export function noteCell(name: string, where: string, source: string, javaScript: string): void {
  note(name, { where, source, javaScript });
  newest = name;
}

/** Notes the text of a cell that is a module. */
export function noteModuleCell(path: string, source: string): void {
  moduleCells.set(path, source);
}

/** Notes what the modules were compiled to that a cell imports from its folder: V8 calls them by their paths, which end in `.js`. */
export function noteModules(modules: readonly SideOutput[] = []): void {
  for (const { path, data } of modules) {
    const base = path.replace(/\.js$/, "");
    const file = [".ts", ".tsx", ".js", ".jsx"].map((ending) => base + ending).find((name) => existsSync(name));
    const source = moduleCells.get(base) ?? (file === undefined ? undefined : readFileSync(file, "utf8"));
    if (source !== undefined) note(path, { where: file ?? `${base}.ts`, source, javaScript: data });
  }
}

function note(name: string, script: Script): void {
  scripts.delete(name);
  scripts.set(name, script);
  if (scripts.size > KEPT) scripts.delete(scripts.keys().next().value as string);
}

/** Whether code of this name was noted. */
export function isKnown(name: string): boolean {
  return scripts.has(name);
}

/** Where in its source a place of noted code is. Undefined for the code that tslab puts around a cell, and for what was not noted. */
export function sourcePlace(name: string, place: Place): SourcePlace | undefined {
  const script = scripts.get(name);
  if (script === undefined || place.line > script.javaScript.split("\n").length) return undefined;
  const found = findIn(script, place);
  const { where, source } = script;
  return { where, at: found && { ...found, text: source.split("\n")[found.line - 1]! } };
}

function findIn(script: Script, place: Place): Place | undefined {
  const { where, source, javaScript } = script;
  try {
    // Late: it loads the compiler, and nobody asks before there is an error.
    const { sourceLines }: typeof import("./source-lines") = require("./source-lines");
    script.find ??= sourceLines(source, javaScript, /\.[jt]sx$/.test(where) ? "module.tsx" : "cell.ts");
    return script.find(place);
  } catch {
    return undefined; // Without its line an error is still told; it must not end in another one.
  }
}

/** What V8 calls the cell that ran last of those with a text of this fingerprint. */
export function nameOf(fingerprint: string): string | undefined {
  return [...scripts.keys()].findLast((name) => name.startsWith("cell[") && name.endsWith(`-${fingerprint}`));
}

/** The innermost node of the source of a cell at a site, `cell[3]-0123456789ab:12:7`. */
export function nodeAt(site: string): Node | undefined {
  const [, name = "", line, column] = /^(.*):(\d+):(\d+)$/.exec(site) ?? [];
  const script = scripts.get(name);
  const place = script && findIn(script, { line: Number(line), column: Number(column) });
  if (place === undefined) return undefined;
  const { ts }: typeof import("../typescript") = require("../typescript");
  const file = ts.createSourceFile("cell.ts", script!.source, ts.ScriptTarget.ESNext, true);
  const offset = file.getPositionOfLineAndCharacter(place.line - 1, place.column - 1);
  const within = (node: Node): Node => ts.forEachChild(node, (child) => holds(child, offset)) ?? node;
  let node: Node = file;
  for (let next = within(node); next !== node; next = within(node)) node = next;
  return node;
}

function holds(node: Node, offset: number): Node | undefined {
  return node.getStart() <= offset && offset < node.end ? node : undefined;
}

import { dirname } from "node:path";

/*
 * The compiler is told that every notebook lies in one and the same folder, which does not exist: so what it keeps is the same for all
 * folders, and one start-up snapshot serves them all (snapshot/). Its folders above stand for those above the notebook's, level by level, so
 * that `../words.json` and packages further up are found. Where files are looked for, names are translated; what is shown has the real ones.
 */

/** How many folders there are above the last: what lies higher above a notebook, the compiler does not see. */
const LEVELS = 16;
const NAMES = Array.from({ length: LEVELS }, (_, i) => `~${LEVELS - 1 - i}`);
/** The folder that the compiler sees, and those above it, each after the one in it. */
const STAND_INS = NAMES.map((_, i) => `/${NAMES.slice(0, LEVELS - i).join("/")}`);
export const STAND_IN = STAND_INS[0]!;
const OUTERMOST = STAND_INS.at(-1)!;
/** What stands for a folder above the root. Nothing is there. */
const NOWHERE = "/dev/null/nowhere";

/** The real folders, in the same order. */
let real: readonly string[] | undefined;

/** The folder in which this process runs, and those above it, as they are when this is first asked. */
function realFolders(): readonly string[] {
  real ??= [...foldersFrom(process.cwd())];
  return real;
}

/** A folder, and each above it. */
export function* foldersFrom(folder: string): Generator<string> {
  yield folder;
  const above = dirname(folder);
  if (above !== folder) yield* foldersFrom(above);
}

/** From now on there is no folder, as while a snapshot is made; with `false`, it is that of this process again. */
export function withoutFolder(without: boolean): void {
  real = without ? [] : undefined;
}

/** The name of a file as the system knows it. */
export function realPath(path: string): string {
  if (!path.startsWith(OUTERMOST)) return path;
  const level = STAND_INS.findIndex((folder) => isIn(path, folder));
  if (level < 0) return path;
  const rest = path.slice(STAND_INS[level]!.length);
  const folder = realFolders()[level];
  if (folder === undefined) return NOWHERE + rest;
  return folder === "/" ? rest || "/" : folder + rest;
}

/** The name by which the compiler knows a file of the notebook's folder; that of any other is its own. */
export function compilerPath(path: string): string {
  const [folder = "/"] = realFolders();
  return folder !== "/" && isIn(path, folder) ? STAND_IN + path.slice(folder.length) : path;
}

/** A text of the compiler's, with the real names in it. */
export function withRealPaths(text: string): string {
  return text.includes(OUTERMOST) ? text.replace(/\/~15(?:\/~\d+)*/g, realPath) : text;
}

function isIn(path: string, folder: string): boolean {
  return path.startsWith(folder) && (path.length === folder.length || path[folder.length] === "/");
}

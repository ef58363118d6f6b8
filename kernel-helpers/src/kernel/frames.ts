import { join, relative, sep } from "node:path";
import { isKnown, type SourcePlace, sourcePlace } from "./places/scripts";
import { stackOf } from "./stack";
import { untouched } from "./untouched";

/** One of the functions that an error came through. */
export interface Frame {
  /** `outer (cell [3]:2:5)` */
  text: string;
  place: SourcePlace | undefined;
}

/** How many frames are shown, as many as Node shows. */
const SHOWN = 10;
/** How many are looked at: those of tslab, of Node and of this package are not shown. */
const LOOKED_AT = 50;

/** The name of a function, where it has one, and a place: a name, a line and a column. */
const FRAME = /^(?:async )?(?:(.*) \()?(.*?)(?::(\d+):(\d+))?\)?$/;
const CELL = /^cell\[(\d+)\]-[0-9a-f]+$/;
/** The folder of this package, which can lie inside the notebook's. */
const OWN_FOLDER = join(__dirname, "..", "..") + sep;

const remembered = new WeakMap<object, Frame[]>();

/**
 * From now on the stack of every error, wherever it is shown, has the learner's frames only: functions of cells, and of files in the
 * notebook's folder. tslab's, Node's and this package's own say nothing to them.
 */
export function showOwnFramesOnly(): void {
  Error.stackTraceLimit = LOOKED_AT;
  Error.prepareStackTrace = (error, sites) =>
    untouched(() => {
      const frames = own(sites.map(textOf));
      remembered.set(error, frames);
      return textOfStack(error, frames);
    });
}

/** The frames of an error's stack that are the learner's, the innermost first. */
export function framesOf(error: Error): Frame[] {
  const stack = stackOf(error); // V8 asks for the text when it is read first.
  const frames = remembered.get(error);
  if (frames !== undefined) return [...frames];
  // Made by a cell that has set Error.prepareStackTrace to its own, or in another context of node:vm.
  if (typeof stack !== "string") return [];
  return own(stack.split("\n").flatMap((line) => /^ {4}at (.*)$/.exec(line)?.[1] ?? []));
}

/** Gives an error frames, each as V8 writes one, when it has none. */
export function framesFrom(error: Error, sites: readonly string[]): void {
  if (framesOf(error).length > 0) return;
  const frames = own(sites);
  remembered.set(error, frames);
  const value = textOfStack(error, frames);
  Object.defineProperty(error, "stack", { value, writable: true, configurable: true, enumerable: false });
}

function textOfStack(error: Error, frames: readonly Frame[]): string {
  return [heading(error), ...frames.map(({ text }) => `    at ${text}`)].join("\n");
}

function own(sites: readonly string[]): Frame[] {
  const frames = sites.flatMap((site) => frame(site) ?? []);
  return frames.filter(({ text }, i) => text !== frames[i - 1]?.text).slice(0, SHOWN);
}

/** As V8 itself says it. */
function heading(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}

function textOf(site: NodeJS.CallSite): string {
  try {
    return site.toString();
  } catch {
    return ""; // It asks for the names of the learner's objects.
  }
}

function frame(site: string): Frame | undefined {
  const [, name, place = "", line, column] = FRAME.exec(site) ?? [];
  const position = { line: Number(line), column: Number(column) };
  const found = isKnown(place) ? sourcePlace(place, position) : elsewhere(place, line, column);
  return found === undefined ? undefined : frameAt(found, functionName(name));
}

/** The frame of a place, in a function where there is one with a name. */
export function frameAt(place: SourcePlace, name = ""): Frame {
  const { where, at } = place;
  const text = `${shortPath(where)}${at === undefined ? "" : `:${at.line}:${at.column}`}`;
  return { text: name === "" ? text : `${name} (${text})`, place: at === undefined ? undefined : place };
}

/** A cell whose code is known no longer, or a file of the learner's. */
function elsewhere(place: string, line: string | undefined, column: string | undefined): SourcePlace | undefined {
  const count = CELL.exec(place)?.[1];
  if (count !== undefined) return { where: `cell [${count}]`, at: undefined };
  const path = place.replace(/^file:\/\//, "");
  const short = shortPath(path);
  if (!path.includes(sep) || place.startsWith("node:") || short.startsWith("..")) return undefined;
  if (short.includes("node_modules") || path.startsWith(OWN_FOLDER)) return undefined;
  return { where: line === undefined ? path : `${path}:${line}:${column}`, at: undefined };
}

function shortPath(where: string): string {
  return where.startsWith(sep) ? relative(process.cwd(), where) : where;
}

/** Without what V8 and Node add: a function of an earlier cell is called as a property of tslab's table of variables, which is a proxy. */
function functionName(name = ""): string {
  return name
    .replace(/ \[as .*\]$/, "")
    .replace(/^(?:Proxy|Object|Timeout|Immediate|process)\./, "")
    .replace(/^(?:.*\.)?(?:<anonymous>|_on\w+)$/, "");
}

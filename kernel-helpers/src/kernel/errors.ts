import { inspect, types } from "node:util";
import { excerpt } from "./excerpt";
import { type Frame, frameAt, framesOf } from "./frames";
import { inWordsOfTheCell } from "./names/words";
import { takeDecoration } from "./places/decoration";
import type { SourcePlace } from "./places/scripts";
import { placeOfThrow } from "./places/throws";

/** An error as Jupyter's error message and execute_reply carry it. */
export interface CellError {
  ename: string;
  evalue: string;
  /** Lines of the text that the learner sees. */
  traceback: string[];
}

/**
 * What the learner sees of something that was thrown: an error as its name and message, or as it prints itself where it has its own
 * `[util.inspect.custom]`, and where in which cell it was; any other value as itself.
 */
export function describeThrown(thrown: unknown): CellError {
  try {
    return describe(thrown);
  } catch {
    const text = "a value that cannot be shown";
    return { ename: "Uncaught", evalue: text, traceback: [`Uncaught ${text}`, ...framesOfThrow(thrown)] };
  }
}

function describe(thrown: unknown): CellError {
  const place = takeDecoration(thrown);
  if (isError(thrown)) return { ...nameAndMessage(thrown), traceback: new ErrorText().lines(thrown, place) };
  const text = inspect(thrown);
  const frames = framesOfThrow(thrown);
  if (hasOwnText(thrown)) return { ...nameAndMessage(thrown), traceback: [...text.split("\n"), ...frames] };
  return { ename: "Uncaught", evalue: text, traceback: [...`Uncaught ${text}`.split("\n"), ...frames] };
}

/** Where it was thrown, for what has no stack. */
function framesOfThrow(thrown: unknown): string[] {
  const at = placeOfThrow(thrown);
  return at === undefined ? [] : new ErrorText().frames(framesOf(at));
}

/** Also one of another context of node:vm, where Error is another class. For a proxy the learner's code would answer, and may throw. */
function isError(thrown: unknown): thrown is Error {
  return !types.isProxy(thrown) && (thrown instanceof Error || types.isNativeError(thrown));
}

/** A property of the learner's object: undefined also where asking for it throws. */
function read(object: object, key: PropertyKey): unknown {
  try {
    return Reflect.get(object, key);
  } catch {
    return undefined;
  }
}

/** The end of a cell that the learner interrupted. */
export const INTERRUPTED: CellError = {
  ename: "Interrupted",
  evalue: "The cell was interrupted.",
  traceback: ["Interrupted: The cell was interrupted."],
};

/** What tslab throws into a cell that waits. */
export const INTERRUPTION = "Interrupted asynchronously";

/** Whether this is what tslab or Node throws into an interrupted cell. */
export function isInterruption(thrown: unknown): boolean {
  if (!types.isNativeError(thrown)) return false;
  return read(thrown, "message") === INTERRUPTION || read(thrown, "code") === "ERR_SCRIPT_EXECUTION_INTERRUPTED";
}

function hasOwnText(thrown: unknown): thrown is object & Record<symbol, unknown> {
  if (typeof thrown !== "object" || thrown === null || types.isPromise(thrown)) return false;
  return typeof read(thrown, inspect.custom) === "function";
}

function nameAndMessage(thrown: object): { ename: string; evalue: string } {
  const name = read(thrown, "name");
  const message = read(thrown, "message");
  // `class Refused extends Error {}` without a name of its own says "Error"; its class says more.
  const ename = typeof name === "string" && name !== "" && name !== "Error" ? name : classOf(thrown) || "Error";
  return { ename, evalue: typeof message === "string" ? inWordsOfTheCell(thrown, message) : "" };
}

function classOf(thrown: object): string {
  const made = read(thrown, "constructor");
  const name = typeof made === "function" ? read(made, "name") : undefined;
  return typeof name === "string" ? name : "";
}

/** The text of an error, of its parts and of what has caused it. */
class ErrorText {
  readonly #told = new Set<unknown>();
  /** The lines of cells that are shown already. */
  readonly #shown = new Set<string>();

  /** @param place where it was, as far as it is known beside its stack */
  lines(error: Error, place?: SourcePlace): string[] {
    this.#told.add(error);
    const frames = framesOf(error);
    if (frames.length === 0 && place !== undefined) frames.push(frameAt(place));
    const lines = [...heading(error), ...this.frames(frames)];
    if (hasOwnText(error)) return lines;
    const parts = error instanceof AggregateError ? read(error, "errors") : undefined;
    if (Array.isArray(parts)) for (const part of parts) lines.push(...this.#within("", part));
    const cause = read(error, "cause");
    if (cause !== undefined) lines.push(...this.#within("caused by ", cause));
    return lines;
  }

  /** Each frame, and below the first one of each cell its line: there it happened, or from there the other cell's function was called. */
  frames(frames: readonly Frame[]): string[] {
    const cells = new Set<string>();
    return frames.flatMap(({ text, place }) => {
      const frame = `    at ${text}`;
      if (place?.at === undefined || cells.has(place.where)) return [frame];
      cells.add(place.where);
      const key = `${place.where}:${place.at.line}:${place.at.column}`;
      if (this.#shown.has(key)) return [frame];
      this.#shown.add(key);
      return [frame, ...excerpt(place.at.text, place.at.column).map((line) => `    ${line}`)];
    });
  }

  #within(label: string, thrown: unknown): string[] {
    if (this.#told.has(thrown)) return [];
    const lines = isError(thrown) ? this.lines(thrown) : inspect(thrown).split("\n");
    return lines.map((line, i) => `  ${i === 0 ? label : ""}${line}`);
  }
}

function heading(error: Error): string[] {
  if (hasOwnText(error)) return inspect(error).split("\n");
  const { ename, evalue } = nameAndMessage(error);
  return (evalue === "" ? ename : `${ename}: ${evalue}`).split("\n");
}

import { inspect } from "node:util";
import { frames } from "./frames";
import { inWordsOfTheCell } from "./names/words";

/** An error as Jupyter's error message and execute_reply carry it. */
export interface CellError {
  ename: string;
  evalue: string;
  /** Lines of the text that the learner sees. */
  traceback: string[];
}

/**
 * What the learner sees of something that was thrown: an object with its own `[util.inspect.custom]` exactly as it prints
 * itself, an error as its name, message and place in the cell, any other value as itself.
 */
export function describeThrown(thrown: unknown): CellError {
  try {
    return describe(thrown);
  } catch {
    const text = "a value that cannot be shown";
    return { ename: "Uncaught", evalue: text, traceback: [`Uncaught ${text}`] };
  }
}

function describe(thrown: unknown): CellError {
  if (hasOwnText(thrown)) return { ...nameAndMessage(thrown), traceback: inspect(thrown).split("\n") };
  if (thrown instanceof Error) return { ...nameAndMessage(thrown), traceback: errorLines(thrown, new Set()) };
  const text = inspect(thrown);
  return { ename: "Uncaught", evalue: text, traceback: `Uncaught ${text}`.split("\n") };
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
  if (!(thrown instanceof Error)) return false;
  return (
    thrown.message === INTERRUPTION || (thrown as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_INTERRUPTED"
  );
}

function hasOwnText(thrown: unknown): thrown is object {
  if (typeof thrown !== "object" || thrown === null) return false;
  return typeof (thrown as Record<symbol, unknown>)[inspect.custom] === "function";
}

function nameAndMessage(thrown: object): { ename: string; evalue: string } {
  const { name, message } = thrown as { name?: unknown; message?: unknown };
  // `class Refused extends Error {}` without a name of its own says "Error"; its class says more.
  const ename =
    typeof name === "string" && name !== "" && name !== "Error" ? name : thrown.constructor?.name || "Error";
  return { ename, evalue: typeof message === "string" ? inWordsOfTheCell(thrown, message) : "" };
}

function errorLines(error: Error, seen: Set<unknown>): string[] {
  seen.add(error);
  const { ename, evalue } = nameAndMessage(error);
  const lines = (evalue === "" ? ename : `${ename}: ${evalue}`).split("\n");
  lines.push(...frames(error).map((frame) => `    at ${frame}`));
  if (error instanceof AggregateError) for (const part of error.errors) lines.push(...within("", part, seen));
  if (error.cause !== undefined) lines.push(...within("caused by ", error.cause, seen));
  return lines;
}

function within(label: string, thrown: unknown, seen: Set<unknown>): string[] {
  if (seen.has(thrown)) return [];
  const lines = thrown instanceof Error && !hasOwnText(thrown) ? errorLines(thrown, seen) : inspect(thrown).split("\n");
  return lines.map((line, i) => `  ${i === 0 ? label : ""}${line}`);
}

import { types } from "node:util";
import { stackOf } from "../stack";
import { newestCell, type SourcePlace, sourcePlace } from "./scripts";

/** `cell[3]-0123456789ab:2`, the line, and a caret; a cell that V8 cannot read has no name yet. */
const DECORATION = /^(cell\[\d+\]-[0-9a-f]+|evalmachine\.<anonymous>):(\d+)\n.*\n([ \t]*)\^+ *\n+/;

/**
 * Node writes the place in the JavaScript into the stack of what the synchronous part of a cell throws, before its own text. Takes it out
 * again, and returns the place in the cell: for a cell that V8 cannot read (`const re = /(/`) nothing else tells it.
 */
export function takeDecoration(thrown: unknown): SourcePlace | undefined {
  // For a proxy the learner's code would answer.
  if (typeof thrown !== "object" || thrown === null || types.isProxy(thrown)) return undefined;
  const stack = stackOf(thrown);
  const match = typeof stack === "string" ? DECORATION.exec(stack) : null;
  if (match === null) return undefined;
  const [decoration, name = "", line, indent = ""] = match;
  try {
    (thrown as { stack?: unknown }).stack = (stack as string).slice(decoration.length);
  } catch {
    // It is read-only. So it stays as it is.
  }
  return sourcePlace(name.startsWith("cell") ? name : newestCell(), { line: Number(line), column: indent.length + 1 });
}

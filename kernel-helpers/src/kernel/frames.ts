import { relative, sep } from "node:path";

const FRAME = /^ {4}at (?:async )?(?:(.*) \()?(.*?)((?::\d+){0,2})\)?$/;

/**
 * The frames of an error's stack that are the learner's: functions of cells and of files in the notebook's folder. tslab's,
 * Node's and this package's own frames say nothing to them.
 *
 * A cell's frame has no line number: V8 knows the line of the JavaScript that tslab made of the cell, which has other lines.
 */
export function frames(error: Error): string[] {
  if (typeof error.stack !== "string") return [];
  const shown = error.stack.split("\n").flatMap((line) => frame(line) ?? []);
  // The last two frames of a cell are its code and the function around it that tslab calls.
  return shown.filter((line, i) => line !== shown[i - 1]);
}

function frame(line: string): string | undefined {
  const match = FRAME.exec(line);
  if (match === null) return undefined;
  const [, name, place = "", position = ""] = match;
  const shown = cell(place) ?? ownFile(place, position);
  if (shown === undefined || name === undefined) return shown;
  // A function of an earlier cell is called as a property of tslab's table of variables, a proxy.
  return `${name.replace(/^Proxy\./, "").replace(/ \[as .*\]$/, "")} (${shown})`;
}

/** Cells are named by `sourceURL`, see convert.ts. */
function cell(place: string): string | undefined {
  const count = /^cell\[(\d+)\]-[0-9a-f]+$/.exec(place)?.[1];
  return count === undefined ? undefined : `cell [${count}]`;
}

function ownFile(place: string, position: string): string | undefined {
  const path = relative(process.cwd(), place.replace(/^file:\/\//, ""));
  if (!place.includes(sep) || place.startsWith("node:") || path.startsWith("..") || path.includes("node_modules"))
    return undefined;
  return path + position;
}

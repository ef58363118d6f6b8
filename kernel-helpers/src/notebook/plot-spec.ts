import { types } from "node:util";
import { fields, isList, shown } from "../bytes/arguments";
import type { PlotSpec } from "../pictures/plot/spec";

/** The functions that draw what a PlotSpec says. */
type Drawing = "plot" | "livePlot";

const FIELDS = ["title", "x", "y", "lines", "dots", "histogram", "bins"] as const;
/** What is asked of the objects inside. */
const INSIDE = ["label", "unit", "scale", "from", "to", "name", "points", "values"] as const;
const DEEPEST = 5;

/**
 * What is to be plotted, as far as it is said by whom: what is no such object, and what does not let itself be read, such as a Proxy that
 * was revoked. The rest is checked where it is drawn. The lists stay those that were given: new points are pushed into them.
 *
 * @throws TypeError in the words of the function that was called
 */
export function readSpec(name: Drawing, given: unknown): PlotSpec {
  const example = `${name}({ title: "Round trips", x: { label: "try" }, y: { label: "time", unit: "ms" }, lines: [{ name: "TCP", points: [[1, 0.2], [2, 0.3]] }] })`;
  if (typeof given !== "object" || given === null || isList(given))
    throw new TypeError(`${name}() takes what to draw, for example ${example}, and not ${shown(given)}.`);
  const spec = fields(`What ${name}() is to draw`, given, FIELDS);
  if (typeof spec.title === "string" && [spec.lines, spec.dots, spec.histogram].every((kind) => kind === undefined))
    throw new TypeError(`There is nothing to draw: give lines, dots or a histogram, as in ${example}.`);
  for (const field of FIELDS) {
    try {
      touch(spec[field], DEEPEST);
    } catch {
      throw new TypeError(
        `${name}() cannot read ${field}: something in it throws an error when it is asked for what it holds.`,
      );
    }
  }
  return spec as unknown as PlotSpec;
}

/** Asks a value for all that will be asked of it. */
function touch(value: unknown, deepest: number): void {
  if (deepest === 0) return;
  // An array whose memory was moved away answers with an error.
  if (types.isTypedArray(value)) value.findIndex(() => true);
  // And a Proxy that was revoked does so here.
  if (Array.isArray(value)) {
    // A hole is no point: nobody asks for what comes after it.
    for (let at = 0; at < value.length && value[at] !== undefined; at++) touch(value[at], deepest - 1);
  } else if (typeof value === "object" && value !== null)
    for (const name of INSIDE) touch((value as { [name: string]: unknown })[name], deepest - 1);
}

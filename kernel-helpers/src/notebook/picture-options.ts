import { integerBetween, shown } from "../bytes/arguments";
import type { LadderOptions } from "../pictures/ladder/options";
import type { PlotSpec } from "../pictures/plot/plot";

/*
 * What a learner gives to a picture, looked at before anything is drawn: a picture of nothing, or of everything, tells nobody what was
 * wrong with the options. (`only: "server"` is a text in which every handle called "serv" would be found.)
 */

const MOST_CALLS = 1000;
const MOST_BINS = 1000;

/** @throws TypeError or RangeError for options of a ladder that are none */
export function checkLadderOptions(options: unknown): void {
  const { last, only } = objectOf<LadderOptions>("ladder() takes an object", options, "{ last: 20 }");
  if (last !== undefined) integerBetween("last (how many calls)", last, 1, MOST_CALLS);
  if (only !== undefined && !isListOf(only, "string"))
    throw new TypeError(`only is a list of handles' names, such as ["server", "client"], not ${shown(only)}.`);
}

/** @throws TypeError or RangeError for what cannot be plotted */
export function checkPlotSpec(name: string, spec: unknown): void {
  const example = '{ title: "Age", x: { label: "sent", unit: "s" }, lines: [{ name: "TCP", points: points }] }';
  const { title, x, y, lines, dots, histogram, bins } = objectOf<PlotSpec>(`${name}() takes an object`, spec, example);
  if (typeof title !== "string") throw new TypeError(`title is the text above the plot, not ${shown(title)}.`);
  checkAxis("x", x);
  if (y !== undefined) checkAxis("y", y);
  checkSeries("lines", lines, "points");
  checkSeries("dots", dots, "points");
  checkSeries("histogram", histogram, "values");
  if (bins !== undefined) integerBetween("bins (how many)", bins, 1, MOST_BINS);
}

function checkAxis(name: string, axis: unknown): void {
  const { label } = objectOf<PlotSpec["x"]>(`${name} is an axis`, axis, '{ label: "age", unit: "ms" }');
  if (typeof label !== "string") throw new TypeError(`The label of ${name} is a text, not ${shown(label)}.`);
}

function checkSeries(name: string, all: unknown, data: "points" | "values"): void {
  if (all === undefined) return;
  const example = `[{ name: "TCP", ${data}: ${data} }]`;
  if (!isListOf(all, "object")) throw new TypeError(`${name} is a list such as ${example}, not ${shown(all)}.`);
  for (const { name: its, [data]: values } of all as readonly Partial<Record<"name" | typeof data, unknown>>[]) {
    if (typeof its !== "string")
      throw new TypeError(`Each of ${name} has a name, a text: ${example}; this one has ${shown(its)}.`);
    if (!Array.isArray(values))
      throw new TypeError(`"${its}" has ${data}, an array: ${example}; this one has ${shown(values)}.`);
  }
}

function isListOf(value: unknown, type: "string" | "object"): boolean {
  return Array.isArray(value) && value.every((one) => one !== null && typeof one === type);
}

function objectOf<T>(what: string, value: unknown, example: string): Partial<T> {
  if (typeof value !== "object" || value === null)
    throw new TypeError(`${what} such as ${example}, not ${shown(value)}.`);
  return value as Partial<T>;
}

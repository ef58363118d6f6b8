import { shown } from "../../bytes/arguments";

/** What an axis measures. */
export interface Axis {
  /** What it measures: "age". */
  readonly label: string;
  /** In which unit: "ms". */
  readonly unit?: string;
  /** Equal steps ("linear", unless told) or equal factors ("log", which leaves out what is not above 0). */
  readonly scale?: "linear" | "log";
  /** Where the axis begins, in its unit; where the data does, unless told. */
  readonly from?: number;
  /** Where the axis ends, in its unit; where the data does, unless told. */
  readonly to?: number;
}

/** Values that belong together. A value that is not a number is a gap. */
export interface Series {
  /** Its name in the legend. */
  readonly name: string;
  /** Pairs of x and y, in the units of the axes. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Values to be counted. */
export interface Sample {
  /** Its name in the legend. */
  readonly name: string;
  /** What is counted. */
  readonly values: readonly number[];
}

/** What to plot: lines and dots may stand together, a histogram stands alone. */
export interface PlotSpec {
  /** What stands above it. */
  readonly title: string;
  /** The axis from left to right. */
  readonly x: Axis;
  /** What is measured upwards: for a histogram the number of values, unless told. */
  readonly y?: Axis;
  /** Series that are drawn as lines through their points. */
  readonly lines?: readonly Series[];
  /** Series that are drawn as single marks. */
  readonly dots?: readonly Series[];
  /** Values that are counted in bins, and drawn as bars. */
  readonly histogram?: readonly Sample[];
  /** How many bins a histogram has, from 1 to 1,000; 30 unless told. */
  readonly bins?: number;
}

const MOST_BINS = 1000;
const EXAMPLE =
  'plot({ title: "Round trips", x: { label: "try" }, y: { label: "time", unit: "ms" }, lines: [{ name: "TCP", points: [[1, 0.2], [2, 0.3]] }] })';

/**
 * Says what is wrong with what is to be plotted.
 *
 * @throws TypeError, RangeError with what to write instead
 */
export function checkSpec(spec: unknown): asserts spec is PlotSpec {
  if (!isObject(spec))
    throw new TypeError(`plot() takes what to draw, for example ${EXAMPLE}, and not ${shown(spec)}.`);
  if (typeof spec.title !== "string")
    throw new TypeError(`title is the text above the plot, not ${shown(spec.title)}.`);
  checkAxis("x", spec.x);
  if (spec.y !== undefined) checkAxis("y", spec.y);
  const drawn = (["lines", "dots", "histogram"] as const).filter((kind) => spec[kind] !== undefined);
  if (drawn.length === 0)
    throw new TypeError(`There is nothing to draw: give lines, dots or a histogram, as in ${EXAMPLE}.`);
  for (const kind of drawn) checkSeries(kind, spec[kind]);
  if (drawn.includes("histogram")) {
    if (drawn.length > 1) throw new TypeError(`A histogram stands alone: draw ${drawn[0]} in a plot of its own.`);
    checkBins(spec.bins);
  }
}

function checkAxis(name: "x" | "y", axis: unknown): asserts axis is Axis {
  if (!isObject(axis) || typeof axis.label !== "string")
    throw new TypeError(
      `${name} says what the axis measures: ${name}: { label: "time", unit: "ms" }, and not ${shown(axis)}.`,
    );
  const { unit, scale } = axis;
  if (unit !== undefined && typeof unit !== "string")
    throw new TypeError(`${name}.unit is a text such as "ms", not ${shown(unit)}.`);
  if (scale !== undefined && scale !== "linear" && scale !== "log")
    throw new TypeError(`${name}.scale is "linear" or "log", not ${shown(scale)}.`);
  for (const end of ["from", "to"] as const) {
    const value = axis[end];
    if (value !== undefined && (typeof value !== "number" || !Number.isFinite(value)))
      throw new TypeError(`${name}.${end} is a number, not ${shown(value)}.`);
    if (scale === "log" && value !== undefined && (value as number) <= 0)
      throw new RangeError(
        `${name}.${end} is ${value}, and a log axis has only what is above 0: take a small number such as 0.001, or leave it out.`,
      );
  }
  const { from, to } = axis as unknown as Axis;
  if (from !== undefined && to !== undefined && !(from < to))
    throw new RangeError(
      `${name} ends at ${to}, which is not above ${from}, where it begins: put the smaller number into from.`,
    );
}

function checkSeries(kind: "lines" | "dots" | "histogram", list: unknown): void {
  const field = kind === "histogram" ? "values" : "points";
  const example = field === "values" ? "values: [0.2, 0.3]" : "points: [[1, 0.2], [2, 0.3]]";
  const wanted = `[{ name: "TCP", ${example} }]`;
  if (!Array.isArray(list)) throw new TypeError(`${kind} is a list, ${wanted}, and not ${shown(list)}.`);
  for (const one of list as unknown[]) {
    if (!isObject(one) || typeof one.name !== "string" || !isList(one[field]))
      throw new TypeError(`${kind} has a name and ${field} for each, ${wanted}, and not ${shown(one)}.`);
    const bad = field === "values" ? one[field].findIndex(isNoNumber) : one[field].findIndex(isNoPoint);
    if (bad >= 0)
      throw new TypeError(
        `${field}[${bad}] of "${one.name}" is ${field === "values" ? "a number" : "two numbers, [x, y]"}, not ${shown(one[field][bad])}. Where there is no value, write NaN: a gap.`,
      );
  }
}

function checkBins(bins: unknown): void {
  if (bins === undefined) return;
  if (typeof bins !== "number" || !Number.isInteger(bins) || bins < 1 || bins > MOST_BINS)
    throw new RangeError(`bins is how many there are, a whole number from 1 to ${MOST_BINS}, not ${shown(bins)}.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "findIndex" in value);
}

function isNoNumber(value: unknown): boolean {
  return typeof value !== "number";
}

function isNoPoint(point: unknown): boolean {
  return !isList(point) || point.length < 2 || typeof point[0] !== "number" || typeof point[1] !== "number";
}

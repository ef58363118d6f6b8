import { extent, tickStep } from "d3-array";
import { scaleLinear, scaleLog } from "d3-scale";
import type { Axis } from "./spec";

/** Turns values into pixels. */
export interface Scale {
  /** The pixel of a value; undefined for one that has no place: not a number, or not above 0 on a log axis. */
  place(value: number): number | undefined;
  readonly ticks: readonly Tick[];
  readonly from: number;
  readonly to: number;
}

export interface Tick {
  readonly at: number;
  readonly text: string;
}

/** What lies more lengths of the axis outside is drawn as if it lay here: browsers do not draw longer lines, and numbers run over. */
const FARTHEST = 1000;
/** Between values that are nearer to each other, or farther apart, no ticks can be written. */
const LEAST = 1e-290;
/** Where numbers that are nearer to each other, as a part of their size, are the same number. */
const PRECISION = 1e-13;

/**
 * A scale for these values between two pixels. A linear axis begins and ends at a tick, a log axis at a power of ten, unless told.
 *
 * @param name "x" or "y": an error names the axis
 * @param most how many ticks there may be, about
 * @throws RangeError when no axis can show these values
 */
export function scaleOf(
  axis: Axis,
  values: readonly number[],
  start: number,
  end: number,
  most: number,
  name = "x",
): Scale {
  const log = axis.scale === "log";
  const usable = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
  const domain = log ? logDomain(axis, usable) : linearDomain(axis, usable);
  mustBeDrawable(domain, log, name);
  const scale = (log ? scaleLog() : scaleLinear()).domain(domain).range([start, end]);
  scale.nice(log ? undefined : most);
  const nice = scale.domain();
  // The next round number can be more than a number can hold.
  const [low = 0, high = 1] = nice.every(Number.isFinite) ? nice : domain;
  const [from, to] = [axis.from ?? low, axis.to ?? high];
  scale.domain([from, to]);
  const ticks = log ? decades(scale.ticks(most + 2)) : scale.ticks(most);
  const texts = log ? ticks.map(decadeText) : stepTexts(ticks, tickStep(from, to, most));
  const far = log ? Number.POSITIVE_INFINITY : FARTHEST * (to - from);
  const place = (value: number): number => scale(Math.max(from - far, Math.min(to + far, value)));
  return {
    place: (value) => (Number.isFinite(value) && (!log || value > 0) ? place(value) : undefined),
    ticks: ticks.map((value, index) => ({ at: place(value), text: texts[index]! })),
    from,
    to,
  };
}

function linearDomain(axis: Axis, values: readonly number[]): [number, number] {
  const [least = 0, most = 1] = extent(values);
  let low = axis.from ?? Math.min(least, axis.to ?? least);
  let high = axis.to ?? Math.max(most, axis.from ?? most);
  // An axis that begins near zero begins at zero: lengths can be compared.
  if (axis.from === undefined && low > 0 && low < high * 0.4) low = 0;
  if (high - low > Math.max(Math.abs(low), Math.abs(high)) * PRECISION) return [low, high];
  const room = low === 0 && high === 0 ? 1 : Math.abs(high) / 2;
  if (axis.from === undefined && (low !== 0 || axis.to !== undefined)) low -= room;
  if (axis.to === undefined) high += room;
  return [low, high];
}

function logDomain(axis: Axis, values: readonly number[]): [number, number] {
  const [least = 1, most = 10] = extent(values);
  const low = axis.from ?? Math.min(least, axis.to ?? least);
  const high = axis.to ?? Math.max(most, axis.from ?? most);
  if (high > low) return [low, high];
  return axis.to === undefined ? [low, low * 10] : [high / 10, high];
}

function mustBeDrawable([low, high]: readonly [number, number], log: boolean, name: string): void {
  if (log ? high / low > 1 && high <= Number.MAX_VALUE : high - low >= LEAST && high - low <= Number.MAX_VALUE) return;
  throw new RangeError(
    `The ${name} axis cannot go from ${low} to ${high}: ${
      high - low > 1 ? "they are too far apart" : "they are too near to each other"
    } for an axis. Give the values in another unit, or leave out those that are not meant.`,
  );
}

/** Of one or two decades 1, 2 and 5; of more the powers of ten; of less than one all that are there. */
function decades(ticks: readonly number[]): number[] {
  const powers = ticks.filter((value) => leading(value) === 1);
  const kept = powers.length > 3 ? powers : ticks.filter((value) => [1, 2, 5].includes(leading(value)));
  return kept.length >= 3 ? kept : [...ticks];
}

function leading(value: number): number {
  return Number(value.toExponential(0).split("e")[0]) === Number(value.toExponential(6).split("e")[0])
    ? Number(value.toExponential(0).split("e")[0])
    : 0;
}

function decadeText(value: number): string {
  const [mantissa = "", power = "0"] = value.toExponential().split("e");
  const digits = (mantissa.split(".")[1] ?? "").length - Number(power);
  return numberText(value, Math.min(20, Math.max(0, digits)));
}

/** Texts that tell the ticks apart. */
function stepTexts(ticks: readonly number[], step: number): string[] {
  const digits = Math.min(20, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  const texts = ticks.map((value) => numberText(value, digits));
  return new Set(texts).size === texts.length ? texts : ticks.map((value) => `${Number(value.toPrecision(15))}`);
}

/** "1,000", "0.5", "2M" for two million, "1e-5": short enough for a tick. */
export function numberText(value: number, digits: number): string {
  const size = Math.abs(value);
  if (size >= 1e6 && size < 1e9) return `${(value / 1e6).toLocaleString("en-US", { maximumFractionDigits: 2 })}M`;
  if (size >= 1e9 || (size > 0 && size < 1e-4)) return value.toExponential(0);
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

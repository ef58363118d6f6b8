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

/** A scale for these values between two pixels. A linear axis begins and ends at a tick. */
export function scaleOf(axis: Axis, values: readonly number[], start: number, end: number, most: number): Scale {
  return axis.scale === "log" ? logScale(axis, values, start, end) : linearScale(axis, values, start, end, most);
}

function range(axis: Axis, values: readonly number[], fallback: readonly [number, number]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) [low, high] = fallback;
  return [axis.from ?? low, axis.to ?? high];
}

function linearScale(axis: Axis, values: readonly number[], start: number, end: number, most: number): Scale {
  let [low, high] = range(axis, values, [0, 1]);
  // An axis that begins near zero begins at zero: lengths can be compared.
  if (axis.from === undefined && low > 0 && low < high * 0.4) low = 0;
  if (low === high) [low, high] = low === 0 ? [0, 1] : [low - Math.abs(low) / 2, high + Math.abs(high) / 2];
  const step = niceStep((high - low) / most);
  const from = axis.from ?? Math.floor(low / step + 1e-9) * step;
  const to = axis.to ?? Math.ceil(high / step - 1e-9) * step;
  const place = (value: number): number => start + ((value - from) / (to - from)) * (end - start);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => {
    const value = (first + index) * step;
    return { at: place(value), text: numberText(value, digits) };
  });
  return { place: (value) => (Number.isFinite(value) ? place(value) : undefined), ticks, from, to };
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = least / power;
  return (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10) * power;
}

function logScale(axis: Axis, values: readonly number[], start: number, end: number): Scale {
  const [low, high] = range(
    axis,
    values.filter((value) => value > 0),
    [1, 10],
  );
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(high) - 1e-9));
  const place = (value: number): number => start + ((Math.log10(value) - first) / (last - first)) * (end - start);
  const every = Math.ceil((last - first) / 8);
  const factors = last - first <= 2 ? [1, 2, 5] : [1];
  const ticks: Tick[] = [];
  for (let power = first; power <= last; power += every) {
    for (const factor of factors) {
      const value = factor * 10 ** power;
      if (power < last || factor === 1) ticks.push({ at: place(value), text: numberText(value, Math.max(0, -power)) });
    }
  }
  return {
    place: (value) => (Number.isFinite(value) && value > 0 ? place(value) : undefined),
    ticks,
    from: 10 ** first,
    to: 10 ** last,
  };
}

/** "1,000", "0.5", "2M" for two million, "1e-5": short enough for a tick. */
export function numberText(value: number, digits: number): string {
  const size = Math.abs(value);
  if (size >= 1e6 && size < 1e9) return `${(value / 1e6).toLocaleString("en-US", { maximumFractionDigits: 2 })}M`;
  if (size >= 1e9 || (size > 0 && size < 1e-4)) return value.toExponential(0);
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

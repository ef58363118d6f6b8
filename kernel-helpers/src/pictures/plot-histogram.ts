import { LOOKS, type Series } from "./plot-marks";
import type { Axis, Scale } from "./plot-scale";
import { pathOf, px } from "./svg";

/** Values to be counted. */
export interface Sample {
  /** Its name in the legend. */
  readonly name: string;
  /** What is counted. */
  readonly values: readonly number[];
}

/** The edges of the bins and how many values of each sample fall into them. */
export interface Bins {
  readonly edges: readonly number[];
  readonly counts: readonly (readonly number[])[];
}

const BINS = 30;

/** Counts the samples in the same bins, of equal width or, on a log axis, of equal factor. */
export function binsOf(samples: readonly Sample[], axis: Axis, wanted = BINS): Bins {
  const log = axis.scale === "log";
  const usable = (value: number): boolean => Number.isFinite(value) && (!log || value > 0);
  const to = (value: number): number => (log ? Math.log10(value) : value);
  let low = axis.from === undefined ? Number.POSITIVE_INFINITY : to(axis.from);
  let high = axis.to === undefined ? Number.NEGATIVE_INFINITY : to(axis.to);
  for (const { values } of samples) {
    for (const value of values) {
      if (!usable(value)) continue;
      if (axis.from === undefined) low = Math.min(low, to(value));
      if (axis.to === undefined) high = Math.max(high, to(value));
    }
  }
  if (!(low < high)) [low, high] = Number.isFinite(low) ? [low - 0.5, low + 0.5] : [0, 1];
  const width = (high - low) / wanted;
  const edges = Array.from({ length: wanted + 1 }, (_, index) =>
    log ? 10 ** (low + index * width) : low + index * width,
  );
  const counts = samples.map(({ values }) => {
    const bins = new Array<number>(wanted).fill(0);
    for (const value of values) {
      if (!usable(value)) continue;
      const index = Math.floor((to(value) - low) / width);
      const bin = index === wanted && to(value) <= high ? wanted - 1 : index;
      if (bin >= 0 && bin < wanted) bins[bin]! += 1;
    }
    return bins;
  });
  return { edges, counts };
}

/** The bins of one sample as one outline. */
export function histogramMark({ edges, counts }: Bins, sample: number, x: Scale, y: Scale, look: number): string {
  const base = y.place(y.from)!;
  const d = counts[sample]!.flatMap((value, index) => {
    const top = value === 0 ? base : (y.place(value) ?? base);
    const left = x.place(edges[index]!);
    const right = x.place(edges[index + 1]!);
    return left === undefined || right === undefined ? [] : [`V${px(top)}H${px(right)}`];
  }).join("");
  return pathOf(`M${px(x.place(edges[0]!) ?? 0)} ${px(base)}${d}V${px(base)}z`, `bar s${look % LOOKS.length}`);
}

/** The highest bin of a sample, as a series of one point: its name stands there. */
export function peakOf({ edges, counts }: Bins, sample: number, name: string): Series {
  const values = counts[sample]!;
  const peak = values.indexOf(Math.max(...values));
  return { name, points: [[edges[peak + 1]!, values[peak]!]] };
}

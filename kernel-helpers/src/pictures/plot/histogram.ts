import { bin, extent } from "d3-array";
import { pathOf, px } from "../svg";
import { LOOKS } from "./marks";
import type { Scale } from "./scale";
import type { Axis, Sample, Series } from "./spec";

/** The edges of the bins and how many values of each sample fall into them. */
export interface Bins {
  readonly edges: readonly number[];
  readonly counts: readonly (readonly number[])[];
}

const BINS = 30;

/** Counts the samples in the same bins, of equal width or, on a log axis, of equal factor. */
export function binsOf(samples: readonly Sample[], axis: Axis, wanted = BINS): Bins {
  const log = axis.scale === "log";
  const to = (value: number): number => (log ? Math.log10(value) : value);
  const usable = samples.map(({ values }) =>
    Array.from(values).filter((value) => Number.isFinite(value) && (!log || value > 0)),
  );
  const [low, high] = ends(axis, extent(usable.flatMap((values) => extent(values) as number[])), to);
  const width = high / wanted - low / wanted;
  const at = (index: number): number => (index === wanted ? high : low + index * width);
  const inner = Array.from({ length: wanted - 1 }, (_, index) => at(index + 1));
  const count = bin<number, number>().domain([low, high]).thresholds(inner).value(to);
  const counts = usable.map((values) => {
    const bins = new Array<number>(wanted).fill(0);
    for (const one of count(values))
      bins[Math.min(wanted - 1, Math.max(0, Math.round((one.x0! - low) / width)))]! += one.length;
    return bins;
  });
  const edges = Array.from({ length: wanted + 1 }, (_, index) => (log ? 10 ** at(index) : at(index)));
  return { edges, counts };
}

/** Where the bins begin and end: at the ends of the axis or of the data, a little around a single value. */
function ends(
  { from, to: until }: Axis,
  [least, most]: readonly [number, number] | readonly [undefined, undefined],
  to: (value: number) => number,
): [number, number] {
  const low = from ?? least;
  const high = until ?? most;
  if (low === undefined && high === undefined) return [0, 1];
  const [a, b] = [to(low ?? high!), to(high ?? low!)];
  if (a < b) return [a, b];
  if (from !== undefined) return [a, a + 1];
  return until !== undefined ? [b - 1, b] : [a - 0.5, a + 0.5];
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

import { pathOf, px } from "../svg";
import { INK } from "../theme";
import type { Scale } from "./scale";
import type { Series } from "./spec";

/** Colour, dash and marker of the first, second, … series: each alone tells them apart. */
export const LOOKS = ["s0", "s1", "s2", "s3", "s4", "s5"] as const;
const COLOURS = [INK.bytes, INK.error, INK.good, INK.connection, INK.other, INK.text];
const DASHES = ["", "6 3", "2 2", "9 3 2 3", "12 4", "1 3"];

export const MARK_STYLE = COLOURS.map(
  (colour, index) =>
    `.l.s${index}{stroke:${colour};stroke-dasharray:${DASHES[index] || "none"}}.m.s${index}{fill:${colour}}text.s${index}{fill:${colour}}.bar.s${index}{fill:${colour};fill-opacity:.18;stroke:${colour};stroke-dasharray:${DASHES[index] || "none"}}`,
).join("");

/** A little shape around a point: round, square, triangle, diamond, cross, ring. */
export function marker(x: number, y: number, look: number): string {
  return pathOf(markerPath(x, y, look), `m s${look % LOOKS.length}`);
}

function markerPath(x: number, y: number, look: number): string {
  const at = `M${px(x)} ${px(y)}`;
  switch (look % LOOKS.length) {
    case 0:
      return `${at}m-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0z`;
    case 1:
      return `${at}m-2.5 -2.5h5v5h-5z`;
    case 2:
      return `${at}m0 -3.2l3.2 5.6h-6.4z`;
    case 3:
      return `${at}m0 -3.5l3.5 3.5l-3.5 3.5l-3.5 -3.5z`;
    case 4:
      return `${at}m-3 -1h2v-2h2v2h2v2h-2v2h-2v-2h-2z`;
    default:
      return `${at}m-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0zm1.5 0a1.5 1.5 0 1 1 3 0a1.5 1.5 0 1 1 -3 0z`;
  }
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

function spots({ points }: Series, x: Scale, y: Scale): (Spot | undefined)[] {
  return points.map(([a, b]) => {
    const left = x.place(a);
    const top = y.place(b);
    return left === undefined || top === undefined ? undefined : { x: left, y: top };
  });
}

/**
 * A line through the points. Where many fall on one column of pixels, the first, the lowest, the highest and the last of them give
 * the same picture as all.
 */
export function lineMark(series: Series, x: Scale, y: Scale, look: number): string {
  const runs: Spot[][] = [[]];
  for (const spot of spots(series, x, y)) {
    if (spot === undefined) runs.push([]);
    else runs.at(-1)!.push(spot);
  }
  const d = runs
    .map((run) =>
      run.length === 0
        ? ""
        : `M${thin(run)
            .map(({ x, y }) => `${px(x)} ${px(y)}`)
            .join("L")}`,
    )
    .join("");
  const single = runs.filter((run) => run.length === 1).map(([spot]) => marker(spot!.x, spot!.y, look));
  return pathOf(d === "" ? "M0 0" : d, `l s${look % LOOKS.length}`) + single.join("");
}

function thin(run: readonly Spot[]): Spot[] {
  const kept: Spot[] = [];
  for (let start = 0; start < run.length; ) {
    const column = Math.round(run[start]!.x);
    let end = start + 1;
    while (end < run.length && Math.round(run[end]!.x) === column) end += 1;
    kept.push(...(end - start <= 4 ? run.slice(start, end) : extremes(run, start, end)));
    start = end;
  }
  return kept;
}

function extremes(run: readonly Spot[], start: number, end: number): Spot[] {
  let low = start;
  let high = start;
  for (let index = start; index < end; index += 1) {
    if (run[index]!.y < run[low]!.y) low = index;
    if (run[index]!.y > run[high]!.y) high = index;
  }
  return [...new Set([start, Math.min(low, high), Math.max(low, high), end - 1])].map((index) => run[index]!);
}

/** One shape for each point; points on one pixel are one shape. */
export function dotMark(series: Series, x: Scale, y: Scale, look: number): string {
  const drawn = new Map<string, Spot>();
  for (const spot of spots(series, x, y))
    if (spot !== undefined) drawn.set(`${Math.round(spot.x)} ${Math.round(spot.y)}`, spot);
  return [...drawn.values()].map((spot) => marker(Math.round(spot.x), Math.round(spot.y), look)).join("");
}

/** Where a series ends at the right: its name stands there. */
export function lastSpot(series: Series, x: Scale, y: Scale): Spot | undefined {
  return spots(series, x, y).reduce(
    (last, spot) => (spot !== undefined && (last === undefined || spot.x >= last.x) ? spot : last),
    undefined,
  );
}

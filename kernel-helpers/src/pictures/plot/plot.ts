import { count } from "../duration";
import { columnsIn, shorten, textWidth } from "../measure";
import { type Picture, picture } from "../picture";
import { document, lineTo, px, textAt } from "../svg";
import { INK, PAGE, SIZE } from "../theme";
import { binsOf, histogramMark, peakOf } from "./histogram";
import { dotMark, LOOKS, lastSpot, lineMark, MARK_STYLE, marker } from "./marks";
import { numberText, type Scale, scaleOf } from "./scale";
import { type Axis, checkSpec, type PlotSpec, type Sample, type Series } from "./spec";

const WIDTH = PAGE;
const HEIGHT = 320;
const LEFT = 56;
const TOP = 58;
const BOTTOM = 46;
const NAMES = 22;
/** The names have no more of the width than this. */
const MOST_ROOM = 150;
const COUNT: Axis = { label: "how many" };
const UNTOLD: Axis = { label: "y" };

const STYLE = [
  `.g{stroke:${INK.frame};fill:none}`,
  `.ax{stroke:${INK.text};fill:none}`,
  `.l{fill:none;stroke-width:1.8;stroke-linejoin:round}`,
  `.bar{stroke-width:1.5}`,
  `.pin{stroke:${INK.line};stroke-width:1;fill:none}`,
  MARK_STYLE,
].join("");

interface Drawn {
  readonly body: string;
  readonly names: readonly { series: Series; look: number; line: boolean }[];
}

/**
 * Draws lines, dots or a histogram with axes; the names stand beside the data, and no series is told from another by colour alone.
 *
 * @throws TypeError, RangeError when it is nothing that can be drawn, with what to write instead
 */
export function plotPicture(spec: PlotSpec): Picture {
  checkSpec(spec);
  const { lines = [], dots = [], histogram = [], x: xAxis } = spec;
  const bins = binsOf(histogram, xAxis, spec.bins);
  const yAxis = spec.y ?? (histogram.length > 0 ? COUNT : UNTOLD);
  const all = [...lines, ...dots];
  const named = all.length + histogram.length > 1;
  const names = [...all, ...histogram].map(({ name }) => name);
  const room = named ? Math.min(MOST_ROOM, Math.max(...names.map((name) => textWidth(name, SIZE))) + 30) : 14;
  const right = WIDTH - room - 10;
  const xs =
    histogram.length > 0
      ? [bins.edges[0]!, bins.edges.at(-1)!]
      : all.flatMap(({ points }) => points.map(([value]) => value));
  const ys =
    histogram.length > 0 ? [0, ...bins.counts.flat()] : all.flatMap(({ points }) => points.map(([, value]) => value));
  const x = scaleOf(xAxis, xs, LEFT, right, 7, "x");
  const y = scaleOf(yAxis, ys, HEIGHT - BOTTOM, TOP, 6, "y");
  const drawn = histogram.length > 0 ? histograms(histogram, bins, x, y) : series(lines, dots, x, y);
  const body = [
    textAt(14, 24, shorten(spec.title, columnsIn(WIDTH - 28, SIZE)), "b"),
    axes(xAxis, yAxis, x, y, right),
    `<g clip-path="url(#in)">${drawn.body}</g>`,
    named ? directNames(drawn, x, y, right) : "",
  ].join("");
  const inside = `<clipPath id="in"><rect x="${LEFT - 4}" y="${TOP - 4}" width="${px(right - LEFT + 8)}" height="${HEIGHT - BOTTOM - TOP + 8}"/></clipPath>`;
  return picture(document(WIDTH, HEIGHT, STYLE, body, inside), inWords(spec, x, y, yAxis), WIDTH, HEIGHT);
}

function series(lines: readonly Series[], dots: readonly Series[], x: Scale, y: Scale): Drawn {
  const names = [
    ...lines.map((line, look) => ({ series: line, look, line: true })),
    ...dots.map((dot, index) => ({ series: dot, look: lines.length + index, line: false })),
  ];
  const body = names.map(({ series, look, line }) => (line ? lineMark : dotMark)(series, x, y, look)).join("");
  return { body, names };
}

function histograms(samples: readonly Sample[], bins: ReturnType<typeof binsOf>, x: Scale, y: Scale): Drawn {
  return {
    body: samples.map((_, index) => histogramMark(bins, index, x, y, index)).join(""),
    names: samples.map(({ name }, look) => ({ series: peakOf(bins, look, name), look, line: true })),
  };
}

function axes(xAxis: Axis, yAxis: Axis, x: Scale, y: Scale, right: number): string {
  const bottom = HEIGHT - BOTTOM;
  const parts = [textAt(14, TOP - 12, titleOf(yAxis), "q"), textAt(right, HEIGHT - 10, titleOf(xAxis), "q end")];
  for (const { at, text } of y.ticks)
    parts.push(lineTo(LEFT, at, right, at, "g"), textAt(LEFT - 6, at + 4, text, "q s end"));
  let free = 0;
  for (const { at, text } of x.ticks) {
    parts.push(lineTo(at, bottom, at, bottom + 4, "ax"));
    const half = textWidth(text, 10) / 2;
    if (at - half < free) continue;
    free = at + half + 6;
    parts.push(textAt(at, bottom + 16, text, "q s mid"));
  }
  return parts.join("") + lineTo(LEFT, bottom, right, bottom, "ax");
}

function titleOf({ label, unit }: Axis): string {
  return unit === undefined ? label : `${label} (${unit})`;
}

/** The names at the right, at the height where each series ends, pushed apart where they would meet. */
function directNames({ names }: Drawn, x: Scale, y: Scale, right: number): string {
  const placed = names
    .map((name) => ({ ...name, spot: lastSpot(name.series, x, y) ?? { x: right, y: HEIGHT - BOTTOM } }))
    .sort((a, b) => a.spot.y - b.spot.y)
    .map((name) => ({ ...name, y: name.spot.y }));
  placed.forEach((name, index) => {
    if (index > 0) name.y = Math.max(name.y, placed[index - 1]!.y + 16);
  });
  const over = (placed.at(-1)?.y ?? 0) - (HEIGHT - BOTTOM);
  if (over > 0) for (const name of placed) name.y -= over;
  return placed
    .map(({ series, look, line, spot, y }) => {
      const pin = lineTo(Math.min(spot.x + 4, right), spot.y, right + 4, y, "pin");
      const sample = line
        ? lineTo(right + 5, y, right + NAMES - 2, y, `l s${look % LOOKS.length}`)
        : marker(right + 13, y, look);
      const text = shorten(series.name, columnsIn(WIDTH - right - NAMES - 8, SIZE));
      return pin + sample + textAt(right + NAMES + 2, y + 4, text, `s${look % LOOKS.length}`);
    })
    .join("");
}

function inWords(
  { title, x: xAxis, lines = [], dots = [], histogram = [] }: PlotSpec,
  x: Scale,
  y: Scale,
  yAxis: Axis,
): string {
  const about = (axis: Axis, { from, to }: Scale): string => `${titleOf(axis)} from ${round(from)} to ${round(to)}`;
  const ranges = [...lines, ...dots].map(({ name, points }) => {
    const values = points.map(([, value]) => value).filter(Number.isFinite);
    return values.length === 0
      ? `${name}: no values.`
      : `${name}: ${count(values.length, "value")}, from ${round(least(values))} to ${round(-least(values.map((value) => -value)))}.`;
  });
  const samples = histogram.map(({ name, values }) => {
    const sorted = Array.from(values)
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    if (sorted.length === 0) return `${name}: no values.`;
    return `${name}: ${count(sorted.length, "value")}, median ${round(sorted[Math.floor(sorted.length / 2)]!)}, largest ${round(sorted.at(-1)!)}.`;
  });
  return [`${title}.`, `Across: ${about(xAxis, x)}; upward: ${about(yAxis, y)}.`, ...ranges, ...samples].join(" ");
}

function least(values: readonly number[]): number {
  return values.reduce((smallest, value) => (value < smallest ? value : smallest), Number.POSITIVE_INFINITY);
}

function round(value: number): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : 2;
  return numberText(value, digits);
}

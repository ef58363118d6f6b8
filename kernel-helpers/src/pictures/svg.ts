import { escapeText } from "./clean";
import { COLOURS, INK, MONO, SIZE, SMALL } from "./theme";

/** A number as it is written in SVG: one digit after the point is a tenth of a pixel. */
export function px(value: number): string {
  return `${Math.round(value * 10) / 10}`;
}

/** A line of text at a point. `kind` is one or more of the classes of {@link document}. */
export function textAt(x: number, y: number, text: string, kind = ""): string {
  const attribute = kind === "" ? "" : ` class="${kind}"`;
  return `<text x="${px(x)}" y="${px(y)}"${attribute}>${escapeText(text)}</text>`;
}

export function lineTo(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  return `<path class="${kind}" d="M${px(x1)} ${px(y1)}L${px(x2)} ${px(y2)}"/>`;
}

export function boxAt(x: number, y: number, width: number, height: number, kind: string, round = 3): string {
  return `<rect class="${kind}" x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" rx="${round}"/>`;
}

export function pathOf(d: string, kind: string): string {
  return `<path class="${kind}" d="${d}"/>`;
}

const STYLE = [
  COLOURS,
  `text{font:${SIZE}px ${MONO};fill:${INK.text};font-variant-ligatures:none;paint-order:stroke;stroke:${INK.paper};stroke-width:3px;stroke-linejoin:round}`,
  `.b{font-weight:700}`,
  `.q{fill:${INK.quiet}}`,
  `.s{font-size:${SMALL}px}`,
  `.end{text-anchor:end}`,
  `.mid{text-anchor:middle}`,
  `.bare{stroke:none}`,
  `.paper{fill:${INK.paper};stroke:${INK.frame}}`,
].join("");

/** A whole SVG document on its own paper. `style` adds the classes of one kind of picture. */
export function document(width: number, height: number, style: string, body: string, definitions = ""): string {
  const w = Math.ceil(width);
  const h = Math.ceil(height);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" xml:space="preserve">` +
    `<style>${STYLE}${style}</style>${definitions === "" ? "" : `<defs>${definitions}</defs>`}` +
    `<rect class="paper" x="0.5" y="0.5" width="${w - 1}" height="${h - 1}" rx="4"/>${body}</svg>`
  );
}

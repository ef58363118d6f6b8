import { clean } from "./clean";

/** The widest common monospace fonts (DejaVu, Menlo, Courier) take 0.602 of the font size for a character. */
const CELL = 0.605;

/** How many columns a character takes: two from the scripts and signs that are written wide, which begin at U+1100 and U+2E80. */
function columns(character: string): number {
  const code = character.codePointAt(0)!;
  return (code >= 0x1100 && code < 0x1200) || code >= 0x2e80 ? 2 : 1;
}

/** The number of columns of the text in a monospace font, as it is shown: cleaned. */
export function textColumns(text: string): number {
  let sum = 0;
  for (const character of clean(text)) sum += columns(character);
  return sum;
}

/** The width in pixels of the text in a monospace font of this size: an upper bound, since nobody can ask the font. */
export function textWidth(text: string, size: number): number {
  return textColumns(text) * size * CELL;
}

/** How many columns fit into a width. */
export function columnsIn(width: number, size: number): number {
  return Math.max(0, Math.floor(width / (size * CELL)));
}

/** The cleaned text, or its beginning and an ellipsis, in at most `room` columns. */
export function shorten(raw: string, room: number): string {
  const text = clean(raw);
  if (textColumns(text) <= room) return text;
  let short = "";
  let used = 1;
  for (const character of text) {
    used += columns(character);
    if (used > room) break;
    short += character;
  }
  return `${short}…`;
}

/** The beginning and the end with an ellipsis between, in at most `room` columns: an address keeps its port, a string its quote. */
export function shortenWithin(raw: string, room: number): string {
  const text = clean(raw);
  if (textColumns(text) <= room) return text;
  if (text.startsWith('"') && text.endsWith(CUT) && room > 2 * CUT.length) return beginningWithin(text, room);
  const tail: string[] = [];
  let used = 0;
  for (const character of [...text].reverse()) {
    used += columns(character);
    if (used > room * TAIL) break;
    tail.unshift(character);
  }
  const end = tail.join("");
  return shorten(text, room - textColumns(end)) + end;
}

/** The end of a quoted string of which more was left out. */
const CUT = '"...';

/** Less of the beginning of such a string. Its dots say already that it goes on, so no ellipsis is put into it; an escape stays whole. */
function beginningWithin(text: string, room: number): string {
  let short = "";
  let used = CUT.length;
  for (const [piece] of text.slice(0, -CUT.length).matchAll(/\\(?:[0-7]{1,3}|.)|./gsu)) {
    used += textColumns(piece);
    if (used > room) break;
    short += piece;
  }
  return short + CUT;
}

/** How much of a shortened text is its end. */
const TAIL = 0.45;

/** The first of the texts that fits, the longest first; the last one is shortened when none does. */
export function firstThatFits(texts: readonly string[], room: number): string {
  return texts.find((text) => textColumns(text) <= room) ?? shorten(texts.at(-1) ?? "", room);
}

/** Puts the pieces on lines of at most `room` columns, a space between two of one line. A piece is never torn apart, only shortened. */
export function wrap(pieces: readonly string[], room: number): string[] {
  const lines: string[] = [];
  for (const piece of pieces) {
    const short = shortenWithin(piece, room);
    const last = lines.at(-1);
    if (last !== undefined && textColumns(last) + 1 + textColumns(short) <= room)
      lines[lines.length - 1] = `${last} ${short}`;
    else lines.push(short);
  }
  return lines;
}

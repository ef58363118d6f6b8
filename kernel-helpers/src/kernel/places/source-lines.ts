import { align } from "./align";
import { type Token, tokensOf } from "./tokens";

/** A place in a text; line and column count from 1. */
export interface Place {
  line: number;
  column: number;
}

/** How many tokens may differ. A cell of 400 calls of imported functions has 2,000 tokens more in JavaScript: 30 ms. */
const MOST = 4000;

/**
 * Finds for places in JavaScript the places in the TypeScript that it was made of.
 *
 * tslab compiles twice, TypeScript to JavaScript and that to CommonJS, without source maps and with options that nobody can choose. But the
 * compiler prints every token that it keeps as it found it, in the same order: so the tokens of both texts are laid side by side, and only
 * when an error asks for a line. Held against the compiler's own maps, every name of every cell of the notebooks has the right place
 * (test/unit/kernel/source-lines.test.ts); beside code that the compiler makes up, such as that of `constructor(readonly name: string)`, a
 * token can get the place of a neighbour.
 */
export function sourceLines(source: string, javaScript: string, fileName: string): (place: Place) => Place | undefined {
  const original = tokensOf(source, fileName);
  const made = tokensOf(javaScript, "cell.js");
  const partners = align(original.map(textOf), made.map(textOf), MOST);
  const madeLines = startsOfLines(javaScript);
  const lines = startsOfLines(source);
  return ({ line, column }) => {
    const start = madeLines[line - 1];
    if (start === undefined) return undefined;
    const token = partner(start + column - 1, madeLines[line] ?? javaScript.length);
    return token === undefined ? undefined : placeOf(lines, token.start);
  };

  /** The partner of the token at an offset. A token without one is of the compiler: then the next one of its line, or the last before it. */
  function partner(offset: number, end: number): Token | undefined {
    const first = tokenAt(made, offset);
    let at = first;
    while (at < made.length && partners[at] === -1 && made[at]!.start < end) at++;
    if (made[at] === undefined || made[at]!.start >= end || partners[at] === -1)
      for (at = first; at >= 0 && (partners[at] ?? -1) === -1; ) at--;
    return at < 0 ? undefined : callee(original, partners[at]!);
  }
}

/** An imported function is called in brackets, for which V8 tells the next bracket. In the cell it tells where any call is: at the name. */
function callee(tokens: readonly Token[], at: number): Token | undefined {
  const before = tokens[at - 1];
  return tokens[at]?.text === "(" && before !== undefined && /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(before.text)
    ? before
    : tokens[at];
}

function textOf({ text }: Token): string {
  return text;
}

/** The index of the token that an offset is in, or else of the next one. */
function tokenAt(tokens: readonly Token[], offset: number): number {
  const next = firstAfter(
    tokens.map(({ start }) => start),
    offset,
  );
  const token = tokens[next - 1];
  return token !== undefined && offset < token.end ? next - 1 : next;
}

function startsOfLines(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function placeOf(lineStarts: readonly number[], offset: number): Place {
  const line = firstAfter(lineStarts, offset);
  return { line, column: offset - lineStarts[line - 1]! + 1 };
}

/** How many of the numbers, which rise, are at most this one. */
function firstAfter(numbers: readonly number[], number: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! <= number) low = middle + 1;
    else high = middle;
  }
  return low;
}

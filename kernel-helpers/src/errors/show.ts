/** Width of the column that holds the handle's name in a trace line. */
export const LANE_WIDTH = 14;

/** Characters that are two units of a JavaScript text. */
const WIDE = /[\ud800-\udfff]/;

/** The handle's name, padded to its column. */
export function lane(handle = ""): string {
  const width = WIDE.test(handle) ? [...handle].length : handle.length;
  return width < LANE_WIDTH ? handle + PADS[width] : `${handle}  `;
}

const PADS = Array.from({ length: LANE_WIDTH }, (_, width) => " ".repeat(LANE_WIDTH - width));

/**
 * How wide a line may get, its indent included: JupyterLab breaks longer ones in the middle of a word, and in half a window of 1366 pixels
 * it shows 67 columns (measured, JupyterLab 4.6).
 */
export const WIDTH = 66;

/** A trace line, broken between words where it is too long, and what follows indented under its call. */
export function folded(line: string): string {
  if ([...line].length <= WIDTH) return line;
  const lines: string[] = [];
  const [first = "", ...rest] = words(line.trimStart());
  let last = line.slice(0, line.length - line.trimStart().length) + first;
  for (const word of rest) {
    const longer = `${last} ${word}`;
    // The call itself stays beside its handle.
    if ([...last].length < LANE_WIDTH || [...longer].length <= WIDTH) last = longer;
    else {
      lines.push(last);
      last = " ".repeat(LANE_WIDTH + 2) + word;
    }
  }
  return [...lines, last].join("\n");
}

/** What a line is broken into: not inside the brackets at its end, `(Connection refused)`, and not behind an equals sign. */
function words(line: string): string[] {
  return line.split(/(?<! =) (?![^(]*\)$)/);
}

/** The spaces between words, but for those in "man 2 bind": it is to be copied into a terminal. */
const BETWEEN_WORDS = /(?<!\bman|\bman \d) /;

/** A sentence that belongs under a trace line, indented to the line's text and broken between words. */
export function indented(sentence: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of sentence.split(BETWEEN_WORDS)) {
    if (line !== "" && LANE_WIDTH + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((text) => " ".repeat(LANE_WIDTH) + text).join("\n");
}

/** A trace line and the sentences that belong under it. */
export function block(line: string, handle: string | undefined, sentences: readonly string[]): string {
  return [folded(lane(handle) + line), ...sentences.map(indented)].join("\n");
}

const explained = new WeakSet<Error>();

/** Notes that an error was explained in the cell already: shown once more, as the cell's value, it is one line. */
export function markExplained(error: Error): void {
  explained.add(error);
}

export function wasExplained(error: Error): boolean {
  return explained.has(error);
}

/** Width of the column that holds the handle's name in a trace line. */
export const LANE_WIDTH = 14;

/** The handle's name, padded to its column. */
export function lane(handle = ""): string {
  const width = [...handle].length;
  return handle + " ".repeat(width < LANE_WIDTH ? LANE_WIDTH - width : 2);
}

/** A trace line and the sentences that belong under it, indented to the line's text. */
export function block(line: string, handle: string | undefined, sentences: readonly string[]): string {
  const indent = " ".repeat(LANE_WIDTH);
  return [lane(handle) + line, ...sentences.map((sentence) => indent + sentence)].join("\n");
}

const explained = new WeakSet<Error>();

/** Notes that an error was explained in the cell already: shown once more, as the cell's value, it is one line. */
export function markExplained(error: Error): void {
  explained.add(error);
}

export function wasExplained(error: Error): boolean {
  return explained.has(error);
}

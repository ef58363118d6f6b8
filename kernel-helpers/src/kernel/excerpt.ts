/** How much of a line is shown: a file that was made smaller has one line of all its text. */
const WIDTH = 100;

/** A line of a program with a caret under one of its columns, which count from 1. */
export function excerpt(text: string, column: number): string[] {
  const line = text.trimEnd();
  const from = column <= WIDTH ? 0 : column - WIDTH / 2;
  const part = line.slice(from, from + WIDTH);
  // Tabs stay tabs, so that the caret stands under the right character.
  const indent = part.slice(0, column - 1 - from).replace(/[^\t]/g, " ");
  const before = from > 0 ? "…" : "";
  const after = from + WIDTH < line.length ? "…" : "";
  return [`    ${before}${part}${after}`, `    ${before.replace("…", " ")}${indent}^`];
}

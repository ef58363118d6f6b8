import type { InPage, Panel } from "./in-page.js";

/** A line of an output: how many characters it has, and how many of them wide it is shown. */
export interface ShownLine {
  text: string;
  characters: number;
  /** In widths of the letter that the output begins with; the same as `characters` when columns line up. */
  width: number;
}

/** Measures every line of the first text output of a cell. Runs in the page. */
export function measureLines([panel, id]: readonly [Panel, string]): ShownLine[] {
  const { document } = globalThis as unknown as InPage;
  const cell = panel.content.widgets.find(({ model }) => model.id === id);
  const text = cell?.node.querySelector(".jp-OutputArea-output pre")?.firstChild;
  if (!text) throw new Error(`${id} shows no text.`);
  const widthOf = (start: number, end: number) => {
    const range = document.createRange();
    range.setStart(text, start);
    range.setEnd(text, end);
    return range.getBoundingClientRect().width;
  };
  const one = widthOf(0, 1);
  let at = 0;
  return text.textContent
    .trimEnd()
    .split("\n")
    .map((line) => {
      const width = widthOf(at, at + line.length) / one;
      at += line.length + 1;
      return { text: line, characters: line.length, width };
    });
}

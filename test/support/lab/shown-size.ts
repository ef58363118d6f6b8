import type { Panel } from "./in-page.js";

/** A picture as it is shown: how many pixels of the page one of its own is, and whether it fits into its place without scrolling. */
export interface ShownPicture {
  cell: string;
  scale: number;
  fits: boolean;
}

/** A table as it is shown. */
export interface ShownTable {
  cell: string;
  headings: string[];
  fits: boolean;
  /** The smallest letters, in pixels. */
  letters: number;
  colours: { ink: string; paper: string }[];
  /** Words that stand on two lines, and signs that stand alone on one. */
  broken: string[];
}

/** A code cell, and whether all of its lines can be seen without scrolling. */
export interface ShownCode {
  cell: string;
  fits: boolean;
}

/** A line of text that is wider than its place. */
export interface WideLine {
  cell: string;
  text: string;
}

export interface ShownSizes {
  /** How many columns of text an output has. */
  columns: number;
  pictures: ShownPicture[];
  tables: ShownTable[];
  /** Of the cells that JupyterLab has drawn. */
  code: ShownCode[];
  wide: WideLine[];
}

interface Box {
  left: number;
  right: number;
  width: number;
}

interface Element {
  parentElement: Element | null;
  textContent: string;
  naturalWidth: number;
  scrollWidth: number;
  clientWidth: number;
  nodeType: number;
  firstChild: Element | null;
  childNodes: Iterable<Element>;
  getClientRects(): Iterable<{ top: number }>;
  getBoundingClientRect(): Box;
  querySelectorAll(selector: string): Iterable<Element>;
  closest(selector: string): Element | null;
}

interface Page {
  document: {
    createRange(): { setStart(node: Element, at: number): void; setEnd(node: Element, at: number): void } & Element;
  };
  getComputedStyle(of: Element): { fontSize: string; color: string; backgroundColor: string; paddingRight: string };
}

/** Measures every picture, table and line of text in a notebook's outputs, and its code. Runs in the page. */
export function measureSizes({ content }: Panel): ShownSizes {
  const { document, getComputedStyle } = globalThis as unknown as Page;
  const TEXT = 3;
  const sizes: ShownSizes = { columns: Number.POSITIVE_INFINITY, pictures: [], tables: [], code: [], wide: [] };
  const paperOf = (element: Element): string => {
    for (let at: Element | null = element; at; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (!/^rgba\(.*, 0\)$/.test(backgroundColor)) return backgroundColor;
    }
    return "rgb(255, 255, 255)";
  };
  const rightOf = (output: Element): number =>
    output.getBoundingClientRect().right - Number.parseFloat(getComputedStyle(output).paddingRight);
  const brokenIn = (cell: Element): string[] =>
    [...cell.childNodes].flatMap((text) => {
      const tops = [...text.textContent.matchAll(/[^ ]+/g)].map(({ 0: word, index }) => {
        const range = document.createRange();
        if (text.nodeType !== TEXT) return { word, lines: [0] };
        range.setStart(text, index);
        range.setEnd(text, index + word.length);
        return { word, lines: [...new Set([...range.getClientRects()].map(({ top }) => Math.round(top)))] };
      });
      const alone = tops.filter(({ word, lines }, at) => word === "↔" && tops[at + 1]?.lines[0] !== lines[0]);
      return [...tops.filter(({ lines }) => lines.length > 1), ...alone].map(({ word }) => word);
    });
  for (const { model, node } of content.widgets) {
    const editor = model.type === "code" ? ".jp-InputArea-editor .cm-scroller" : "nothing";
    for (const { scrollWidth, clientWidth } of (node as unknown as Element).querySelectorAll(editor))
      sizes.code.push({ cell: model.id, fits: scrollWidth <= clientWidth });
    const outputs = [...(node as unknown as Element).querySelectorAll(".jp-OutputArea-output")];
    for (const output of outputs) {
      const right = rightOf(output) + 0.5;
      for (const image of output.querySelectorAll("img")) {
        const box = image.getBoundingClientRect();
        sizes.pictures.push({ cell: model.id, scale: box.width / image.naturalWidth, fits: box.right <= right });
      }
      for (const table of output.querySelectorAll("table")) {
        const cells = [...table.querySelectorAll("th, td")];
        sizes.tables.push({
          cell: model.id,
          headings: [...table.querySelectorAll("th")].map(({ textContent }) => textContent),
          fits: table.getBoundingClientRect().right <= right,
          letters: Math.min(...cells.map((cell) => Number.parseFloat(getComputedStyle(cell).fontSize))),
          broken: cells.flatMap(brokenIn),
          colours: cells.map((cell) => ({ ink: getComputedStyle(cell).color, paper: paperOf(cell) })),
        });
      }
      for (const pre of output.querySelectorAll("pre")) {
        if (pre.textContent === "") continue;
        let first = pre;
        while (first.firstChild) first = first.firstChild;
        const letter = document.createRange();
        letter.setStart(first, 0);
        letter.setEnd(first, 1);
        const columns = Math.floor(pre.getBoundingClientRect().width / letter.getBoundingClientRect().width);
        sizes.columns = Math.min(sizes.columns, columns);
        for (const text of pre.textContent.split("\n"))
          if ([...text].length > columns) sizes.wide.push({ cell: model.id, text });
      }
    }
  }
  return sizes;
}

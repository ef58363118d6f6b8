import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { PROJECT, run } from "./child.js";
import { LONG_PATIENCE_MS } from "./time.js";

/** Milliseconds for a whole run over the workshop's notebooks on a busy machine. */
export const WHOLE_RUN_MS = 2 * LONG_PATIENCE_MS;

export const python = process.env.WORKSHOP_PYTHON ?? join(PROJECT, ".venv", "bin", "python");

/** `npm run handouts`, without npm. */
export const handouts = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  run(process.execPath, [join(PROJECT, "scripts", "handouts.mjs"), ...args], { limit: WHOLE_RUN_MS, env });

/** What test/support/pdf.py tells of a PDF. */
export interface Measured {
  sizes: [width: number, height: number][];
  /** By page: every size once, with the first place that has it, in points from the lower left corner. */
  letters: [size: number, place: [x: number, y: number]][][];
  figures: { alt: string; pages: number[] }[];
  /** The page, and the distance from the lower edge in points. */
  destinations: Record<string, [page: number, top: number]>;
  bookmarks: number;
}

export const measure = (pdf: string): Measured =>
  JSON.parse(
    execFileSync(python, [join(PROJECT, "test", "support", "pdf.py"), pdf], { encoding: "utf8", maxBuffer: 64e6 }),
  );

/** The text of all pages. */
export const textOfPdf = (pdf: string): string =>
  execFileSync("pdftotext", ["-layout", pdf, "-"], { encoding: "utf8", maxBuffer: 64e6 });

/** The text of each page, behind which there is a form feed. */
export const textsOfPdf = (pdf: string): string[] => textOfPdf(pdf).split("\f").slice(0, -1);

export interface Word {
  left: number;
  top: number;
  right: number;
  bottom: number;
  text: string;
}

/** The words of each page with their places, in points from the upper left corner. */
export function wordsOfPdf(pdf: string): Word[][] {
  const xml = execFileSync("pdftotext", ["-bbox", pdf, "-"], { encoding: "utf8", maxBuffer: 256e6 });
  return xml
    .split(/<page /)
    .slice(1)
    .map((page) =>
      [...page.matchAll(/<word xMin="([^"]*)" yMin="([^"]*)" xMax="([^"]*)" yMax="([^"]*)">([^<]*)</g)].map(
        ([, left, top, right, bottom, text]) => ({
          left: Number(left),
          top: Number(top),
          right: Number(right),
          bottom: Number(bottom),
          text: text ?? "",
        }),
      ),
    );
}

/** A rendered page: its grey values, row by row. */
export interface Rendered {
  width: number;
  height: number;
  grey: Uint8Array;
}

const DOTS_PER_INCH = 36;

/** The pages as a printer sees them, or the first of them. With 36 dots an inch one dot is two points. */
export function renderedPages(pdf: string, dotsPerInch = DOTS_PER_INCH, last = 0): Rendered[] {
  // Portable grey maps, all one after the other on the standard output: "P5 width height 255", then the dots.
  const until = last === 0 ? [] : ["-l", `${last}`];
  const all = execFileSync("pdftoppm", ["-r", `${dotsPerInch}`, ...until, "-gray", pdf], { maxBuffer: 512e6 });
  const pages: Rendered[] = [];
  for (let at = 0; at < all.length; ) {
    const header = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(all.toString("latin1", at, at + 40));
    if (header === null) throw new Error("pdftoppm wrote something else than grey maps.");
    const [width, height] = [Number(header[1]), Number(header[2])];
    const start = at + header[0].length;
    pages.push({ width, height, grey: all.subarray(start, start + width * height) });
    at = start + width * height;
  }
  return pages;
}

/** A folder with notebooks in the project, where the kernel finds what it needs; gone when the test is over. */
export function notebookFolder(
  notebooks: Record<string, { id: string; source: string; type?: string; tags?: string[] }[]>,
) {
  mkdirSync(join(PROJECT, "test-artifacts"), { recursive: true });
  const folder = mkdtempSync(join(PROJECT, "test-artifacts", "handouts of-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, cells] of Object.entries(notebooks)) writeNotebook(join(folder, `${name}.ipynb`), cells);
  return folder;
}

export function writeNotebook(path: string, cells: { id: string; source: string; type?: string; tags?: string[] }[]) {
  const notebook = {
    cells: cells.map(({ id, source, type = "code", tags = [] }) => ({
      id,
      cell_type: type,
      metadata: tags.length === 0 ? {} : { tags },
      source,
      ...(type === "code" ? { outputs: [], execution_count: null } : {}),
    })),
    metadata: {
      kernelspec: { display_name: "TypeScript (socket workshop)", language: "typescript", name: "tslab" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
  writeFileSync(path, JSON.stringify(notebook));
}

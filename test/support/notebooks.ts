import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./jupyter/index.js";

/** One cell of a notebook file. */
export interface NotebookCell {
  id: string;
  type: "code" | "markdown";
  source: string;
  tags: string[];
}

export interface Notebook {
  /** The path below notebooks/, without the ending. */
  name: string;
  cells: NotebookCell[];
  code: NotebookCell[];
  /** The file as it is. */
  raw: {
    metadata: Record<string, Record<string, unknown>>;
    cells: { execution_count?: unknown; outputs?: unknown[] }[];
  };
}

export const NOTEBOOKS = join(ROOT, "notebooks");

/** Every notebook of the workshop, in the order of their numbers. JupyterLab calls Untitled what a learner, or a test beside this one, makes. */
export function notebookNames(): string[] {
  const files = readdirSync(NOTEBOOKS, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".ipynb") && !/\.ipynb_checkpoints|before-reset|^Untitled/.test(file))
    .map((file) => file.slice(0, -".ipynb".length))
    .sort();
}

/** A notebook as git has it: who has run it has outputs in the file alone. As the file is where git does not know it. */
export function committedText(name: string): string {
  const path = join(NOTEBOOKS, `${name}.ipynb`);
  const { status, stdout } = spawnSync("git", ["-C", NOTEBOOKS, "cat-file", "blob", `:./${name}.ipynb`], {
    encoding: "utf8",
  });
  return status === 0 ? stdout : readFileSync(path, "utf8");
}

export function readNotebook(name: string): Notebook {
  const raw = JSON.parse(readFileSync(join(NOTEBOOKS, `${name}.ipynb`), "utf8"));
  const cells: NotebookCell[] = raw.cells.map(
    (cell: { id: string; cell_type: "code" | "markdown"; source: string[]; metadata: { tags?: string[] } }) => ({
      id: cell.id,
      type: cell.cell_type,
      source: cell.source.join(""),
      tags: cell.metadata.tags ?? [],
    }),
  );
  return { name, cells, code: cells.filter((cell) => cell.type === "code"), raw };
}

/** The code cells with the exercise as the notebook's own solution has it; the solution's cell is left out. */
export function solved({ code }: Notebook): NotebookCell[] {
  const solution = code.find(({ tags }) => tags.includes("solution"));
  return code
    .filter((cell) => cell !== solution)
    .map((cell) => (cell.tags.includes("exercise") ? { ...cell, source: solution?.source ?? "" } : cell));
}

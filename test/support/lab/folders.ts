import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { PROJECT } from "../child.js";
import { NOTEBOOKS } from "../notebooks.js";

const ARTIFACTS = join(PROJECT, "test-artifacts");

const made: string[] = [];

/** Removes all folders that were made here, except the artifacts. */
export function removeFolders(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** A new empty folder outside the project. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `workshop-${name}-`));
  made.push(folder);
  return folder;
}

/** Where the screenshot of this name goes. The folder is not committed. */
export function artifact(name: string): string {
  const folder = join(ARTIFACTS, "browser");
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}

/** A cell as a test writes it. */
export interface ScratchCell {
  id: string;
  source: string;
}

/** A folder inside the project, so that its notebooks find the helpers, with a copy of the workshop's notebooks. */
export class Scratch {
  readonly folder: string;

  constructor() {
    mkdirSync(ARTIFACTS, { recursive: true });
    this.folder = mkdtempSync(join(ARTIFACTS, "scratch-"));
    made.push(this.folder);
    const withoutCheckpoints = (path: string) => !path.includes(".ipynb_checkpoints");
    cpSync(NOTEBOOKS, this.folder, { recursive: true, filter: withoutCheckpoints });
  }

  /** Writes a notebook of our kernel with these code cells. */
  write(name: string, cells: ScratchCell[]): void {
    const notebook = {
      cells: cells.map((cell) => ({
        ...{ cell_type: "code", execution_count: null, id: cell.id, metadata: {}, outputs: [] },
        source: cell.source.split(/(?<=\n)/),
      })),
      metadata: { kernelspec: { display_name: "TypeScript (socket workshop)", language: "typescript", name: "tslab" } },
      nbformat: 4,
      nbformat_minor: 5,
    };
    writeFileSync(this.file(name), JSON.stringify(notebook));
  }

  /** The absolute path of a notebook. */
  file(name: string): string {
    return join(this.folder, `${name}.ipynb`);
  }

  /** The path by which JupyterLab knows it. */
  path(name: string): string {
    return relative(PROJECT, this.file(name));
  }
}

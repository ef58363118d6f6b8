import type { Panel } from "./in-page.js";

/** One output as the page shows it. */
export interface ShownOutput {
  /** JupyterLab's name of its kind, such as `application/vnd.jupyter.stdout`. */
  mime: string;
  text: string;
}

export interface ShownImage {
  src: string;
  alt: string;
  width: number;
  height: number;
}

/** A code cell as the page shows it. */
export interface ShownCell {
  id: string;
  /** How many cells had been run when this one was, itself included; null if it was not. */
  count: number | null;
  /** What stands beside the cell: `[*]:` while it runs or waits for its turn. Empty when its source is hidden. */
  prompt: string;
  outputs: ShownOutput[];
  images: ShownImage[];
  /** The text of all outputs. */
  text: string;
}

/** Whether every output that a cell has is in the page, and every image loaded. Runs in the page. */
export function isDrawn(panel: Panel): boolean {
  return panel.content.widgets.every(({ model, node }) => {
    const drawn = [...node.querySelectorAll(".jp-OutputArea-output")].filter((output) => output.childElementCount > 0);
    const images = [...node.querySelectorAll(".jp-OutputArea-output img")];
    return drawn.length === (model.outputs?.length ?? 0) && images.every(({ complete }) => complete);
  });
}

/** Reads every code cell. Runs in the page. */
export function readCells(panel: Panel): ShownCell[] {
  const code = panel.content.widgets.filter(({ model }) => model.type === "code");
  return code.map(({ model, node }) => {
    const outputs = [...node.querySelectorAll(".jp-OutputArea-output")].map((output) => ({
      mime: output.dataset.mimeType ?? "",
      text: output.textContent,
    }));
    const images = [...node.querySelectorAll(".jp-OutputArea-output img")].map((image) => ({
      src: image.src,
      alt: image.alt,
      width: image.naturalWidth,
      height: image.naturalHeight,
    }));
    const prompt = node.querySelector(".jp-InputPrompt")?.textContent ?? "";
    const text = outputs.map((output) => output.text).join("\n");
    return { id: model.id, count: model.executionCount ?? null, prompt, outputs, images, text };
  });
}

/** JupyterLab 4.6 shows an error message of the kernel as stderr; others give it a kind of its own. */
const RED = /^application\/vnd\.jupyter\.(stderr|error)$/;

/** JupyterLab 4.6 gives the alternative text "Image" to an image that has none. */
const NO_WORDS = /^\s*(Image)?\s*$/;

/** What a learner would take for a fault: cells that were not run, red boxes, pictures without size or words. */
export function faults(cells: ShownCell[]): string[] {
  return cells.flatMap(({ id, count, outputs, images }) => [
    ...(count === null ? [`${id}: not run`] : []),
    ...outputs
      .filter(({ mime }) => mime === "" || RED.test(mime))
      .map(({ mime, text }) => `${id}: ${mime || "an output of unknown kind"}: ${text}`),
    ...images
      .filter(({ alt, width, height }) => NO_WORDS.test(alt) || width === 0 || height === 0)
      .map(({ src, alt, width, height }) => `${id}: ${src.slice(0, 60)}, "${alt}", ${width}×${height}`),
  ]);
}

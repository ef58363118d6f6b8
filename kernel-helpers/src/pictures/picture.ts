import { clean, escapeText } from "./clean";
import { PAGE } from "./theme";

/** A drawn picture: plain SVG text, and the same in words. Width and height are in CSS pixels. */
export interface Picture {
  readonly svg: string;
  /** What the picture shows, in sentences. */
  readonly alt: string;
  readonly width: number;
  readonly height: number;
}

/** Makes a picture of an SVG document, whose size is the picture's. */
export function picture(svg: string, alt: string, width: number, height: number): Picture {
  return { svg, alt: clean(alt), width: Math.ceil(width), height: Math.ceil(height) };
}

/**
 * The picture as HTML that shows it: an `<img>` with the SVG inside its address.
 *
 * The one form that JupyterLab (with an untrusted notebook too), VS Code and nbconvert all show. A script in an image never runs. One
 * that is wider than half a window keeps its size there, and its letters with it: see {@link asFigure}.
 */
export function asImage({ svg, alt, width, height }: Picture): string {
  const data = Buffer.from(svg, "utf8").toString("base64");
  const most = width > PAGE ? "none" : "100%";
  return `<img class="workshop-picture" src="data:image/svg+xml;base64,${data}" alt="${escapeText(alt)}" width="${width}" height="${height}" style="max-width:${most};height:auto">`;
}

/**
 * The image in its place in a page. What is wider than the place is scrolled. A click on the picture, or Enter, opens and closes the
 * `<details>` that it stands in, which our style sheet for JupyterLab shows by the picture's size: Chromium opens no `data:` address from a
 * link, and neither a script nor a style sheet in the output survives an untrusted notebook.
 */
export function asFigure(drawn: Picture): string {
  return (
    `<details class="workshop-figure" style="margin:0;overflow-x:auto">` +
    `<summary style="display:block">${asImage(drawn)}</summary></details>`
  );
}

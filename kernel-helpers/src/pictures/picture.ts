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

/** The picture in words, for where none can be drawn: each sentence on a line of its own. */
export function asText({ alt }: Picture): string {
  return alt.replace(/\. (?=\S)/g, ".\n");
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
 * Says whether the colours around the images are light or dark, for pages that do not say it themselves: there, an image would have those of
 * the operating system. nbconvert and JupyterLab mark the body with their theme, VS Code with a class (by its documentation; never run).
 * And it shows an opened figure large. An untrusted notebook in JupyterLab loses it, and needs it not: JupyterLab says its theme itself, and
 * has a style sheet of ours.
 */
const AROUND = [
  "<style>",
  'body[data-jp-theme-light="true"] .workshop-picture,body.vscode-light .workshop-picture{color-scheme:light}',
  'body[data-jp-theme-light="false"] .workshop-picture,body.vscode-dark .workshop-picture{color-scheme:dark}',
  "@media screen{.workshop-figure[open] .workshop-picture{max-width:none!important;zoom:1.8}",
  ".workshop-figure>summary{cursor:zoom-in}.workshop-figure[open]>summary{cursor:zoom-out}}",
  "</style>",
].join("");

/** The image with the colours of the page around it. */
export function asThemedImage(drawn: Picture): string {
  return AROUND + asImage(drawn);
}

/**
 * The image in its place in a page. What is wider than the place is scrolled. A click on the picture, or Enter, opens and closes the
 * `<details>` that it stands in, which shows in the picture's size: Chromium opens no `data:` address from a link, and no script in the
 * output survives an untrusted notebook.
 */
export function asFigure(drawn: Picture): string {
  return (
    AROUND +
    `<details class="workshop-figure" style="margin:0;overflow-x:auto">` +
    `<summary style="display:block">${asImage(drawn)}</summary></details>`
  );
}

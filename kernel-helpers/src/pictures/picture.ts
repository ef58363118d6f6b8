import { clean, escapeText } from "./clean";

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
 * The one form that JupyterLab (with an untrusted notebook too), VS Code and nbconvert all show. A script in an image never runs.
 */
export function asImage({ svg, alt, width, height }: Picture): string {
  const data = Buffer.from(svg, "utf8").toString("base64");
  return `<img src="data:image/svg+xml;base64,${data}" alt="${escapeText(alt)}" width="${width}" height="${height}" style="max-width:100%;height:auto">`;
}

import type { Locator, Page } from "playwright-core";
import { luminance } from "../contrast.js";

/** The luminance of the pixels of an area: of its darkest and its lightest spots, and of what most of it is, its paper. */
export interface Brightness {
  darkest: number;
  paper: number;
  lightest: number;
}

interface InPage {
  Image: new () => { src: string; decode(): Promise<void>; naturalWidth: number; naturalHeight: number };
  document: {
    createElement(name: "canvas"): {
      width: number;
      height: number;
      getContext(kind: "2d"): {
        drawImage(image: object, x: number, y: number): void;
        getImageData(x: number, y: number, width: number, height: number): { data: ArrayLike<number> };
      };
    };
  };
}

/** Takes apart a PNG; the browser has a decoder. Runs in the page. Gives how often each colour occurs. */
async function countColours(png: string): Promise<[colour: number, times: number][]> {
  const { Image, document } = globalThis as unknown as InPage;
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const times = new Map<number, number>();
  for (let at = 0; at < data.length; at += 4) {
    const colour = (data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!;
    times.set(colour, (times.get(colour) ?? 0) + 1);
  }
  return [...times];
}

interface Shown {
  parentElement: Shown | null;
  scrollIntoView(where: { block: "center" }): void;
  getBoundingClientRect(): { left: number; top: number; right: number; bottom: number };
}

/** The part of an element that none of the boxes around it cuts off: a high picture reaches below its notebook. Runs in the page. */
function visiblePart(element: unknown) {
  let { left, top, right, bottom } = (element as Shown).getBoundingClientRect();
  // Not the page's own body: it may have no height of its own, and cuts nothing off.
  for (let box = (element as Shown).parentElement; box?.parentElement?.parentElement; box = box.parentElement) {
    const around = box.getBoundingClientRect();
    const { getComputedStyle } = globalThis as unknown as { getComputedStyle(of: Shown): { overflow: string } };
    if (getComputedStyle(box).overflow === "visible") continue;
    [left, top] = [Math.max(left, around.left), Math.max(top, around.top)];
    [right, bottom] = [Math.min(right, around.right), Math.min(bottom, around.bottom)];
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** How bright an element is on the screen: of a screenshot of what of it can be seen. */
export async function brightness(page: Page, element: Locator): Promise<Brightness> {
  // Into the middle: "into view" may be a line of a few pixels.
  await element.evaluate((shown) => (shown as unknown as Shown).scrollIntoView({ block: "center" }));
  const png = (await page.screenshot({ clip: await element.evaluate(visiblePart) })).toString("base64");
  const colours = (await page.evaluate(countColours, png)).sort(([, a], [, b]) => b - a);
  const light = (colour: number) => luminance(colour >> 16, (colour >> 8) & 255, colour & 255);
  const all = colours.map(([colour]) => light(colour));
  return { darkest: Math.min(...all), paper: all[0]!, lightest: Math.max(...all) };
}

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

/** How bright an element is on the screen: of a screenshot of it. */
export async function brightness(page: Page, element: Locator): Promise<Brightness> {
  await element.scrollIntoViewIfNeeded();
  const png = (await element.screenshot()).toString("base64");
  const colours = (await page.evaluate(countColours, png)).sort(([, a], [, b]) => b - a);
  const light = (colour: number) => luminance(colour >> 16, (colour >> 8) & 255, colour & 255);
  const all = colours.map(([colour]) => light(colour));
  return { darkest: Math.min(...all), paper: all[0]!, lightest: Math.max(...all) };
}

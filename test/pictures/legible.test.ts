import { describe, expect, it } from "vitest";
import { ladder } from "../../kernel-helpers/dist/pictures/index.js";
import { drawn } from "./drawn.js";
import { arrowLines, meets, overlap, textBoxes } from "./geometry.js";
import { ladders, longConversation } from "./scenes/index.mjs";

describe("every picture", () => {
  it.each(drawn)("%s keeps its texts apart and inside", (_, draw) => {
    const { svg, width, height } = draw();
    const texts = textBoxes(svg);
    expect(texts.length).toBeGreaterThan(0);
    const clashes = texts.flatMap((a, index) =>
      texts.slice(index + 1).flatMap((b) => (overlap(a, b) ? [`${a.what} over ${b.what}`] : [])),
    );
    expect(clashes).toEqual([]);
    const outside = texts.filter(
      ({ left, right, top, bottom }) => left < 0 || right > width || top < 0 || bottom > height,
    );
    expect(outside.map(({ what }) => what)).toEqual([]);
  });

  it.each(drawn)("%s tells the same in words", (_, draw) => {
    expect(draw().alt.length).toBeGreaterThan(20);
  });

  it.each(drawn)("%s brings everything it needs", (_, draw) => {
    expect(draw().svg.replace("http://www.w3.org/2000/svg", "")).not.toMatch(
      /https?:|<script|<image|<foreignObject|@import|@font-face/,
    );
  });
});

describe("a ladder", () => {
  it.each(Object.entries(ladders))("%s has no arrow across a text", (_, { scene, options }) => {
    const { svg } = ladder(scene, options);
    // A box in which a lane begins stands over the arrows that pass it.
    const texts = textBoxes(svg).filter(({ what }) => !what.startsWith("new"));
    const crossed = arrowLines(svg).flatMap((line) =>
      texts.filter((text) => meets(line, text)).map(({ what }) => what),
    );
    expect(crossed).toEqual([]);
  });

  it.each(Object.entries(ladders))("%s is no wider than a page", (_, { scene, options }) => {
    expect(ladder(scene, options).width).toBeLessThanOrEqual(1010);
  });

  it("of two hundred calls shows each of the 194 messages", () => {
    const { svg, height } = ladder(longConversation(200));
    expect(svg.match(/message \d+/g)).toHaveLength(194);
    expect(height).toBeLessThan(8000);
  });
});

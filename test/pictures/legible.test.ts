import { describe, expect, it } from "vitest";
import { ladderPicture } from "../../kernel-helpers/dist/pictures/index.js";
import { PAGE } from "../../kernel-helpers/dist/pictures/theme.js";
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
    const { svg } = ladderPicture(scene, options);
    // A box in which a lane begins stands over the arrows that pass it.
    const texts = textBoxes(svg).filter(({ what }) => !what.startsWith("new"));
    const crossed = arrowLines(svg).flatMap((line) =>
      texts.filter((text) => meets(line, text)).map(({ what }) => what),
    );
    expect(crossed).toEqual([]);
  });

  it.each(Object.entries(ladders))("%s is no wider than half a window, up to five lanes", (_, { scene, options }) => {
    const lanes = new Set(
      scene.steps.flatMap(({ handle, opened, pid }) => [handle, opened].map((name) => name && `${pid} ${name}`)),
    );
    lanes.delete(undefined);
    const { width } = ladderPicture(scene, options);
    if (lanes.size <= 5) expect(width).toBeLessThanOrEqual(PAGE);
    else expect(width).toBeLessThanOrEqual(PAGE + (lanes.size - 5) * 100);
  });

  describe("that would be somewhat higher than its page", () => {
    const tightly = ({ scene, options }: (typeof ladders)[string]) => {
      const roomy = ladderPicture(scene, options);
      return { roomy, tight: ladderPicture(scene, options, undefined, roomy.height - 1) };
    };

    it.each(Object.entries(ladders))("%s has less between its rows, and everything is told apart", (_, ladder) => {
      const { roomy, tight } = tightly(ladder);
      expect(tight.height).toBeLessThan(roomy.height);
      expect(tight.alt).toBe(roomy.alt);
      expect(tight.width).toBe(roomy.width);
      const texts = textBoxes(tight.svg);
      expect(texts.map(({ what }) => what).sort()).toEqual(
        textBoxes(roomy.svg)
          .map(({ what }) => what)
          .sort(),
      );
      const clashes = texts.flatMap((a, index) =>
        texts.slice(index + 1).flatMap((b) => (overlap(a, b) ? [`${a.what} over ${b.what}`] : [])),
      );
      expect(clashes).toEqual([]);
      const free = texts.filter(({ what }) => !what.startsWith("new"));
      expect(arrowLines(tight.svg).flatMap((line) => free.filter((text) => meets(line, text)))).toEqual([]);
    });

    it("is drawn as ever where that does not help, or is not needed", () => {
      const { scene, options } = ladders["two-clients"]!;
      const roomy = ladderPicture(scene, options);
      expect(ladderPicture(scene, options, undefined, 300)).toEqual(roomy);
      expect(ladderPicture(scene, options, undefined, roomy.height)).toEqual(roomy);
    });
  });

  it("of two hundred calls shows each of the 194 messages", () => {
    const { svg, height } = ladderPicture(longConversation(200));
    expect(svg.match(/message \d+/g)).toHaveLength(194);
    expect(height).toBeLessThan(9000);
  });
});

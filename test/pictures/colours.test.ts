import { describe, expect, it } from "vitest";
import { type Ink, THEMES } from "../../kernel-helpers/dist/pictures/theme.js";
import { contrast } from "../support/contrast.js";
import { drawn } from "./drawn.js";
import { textBoxes } from "./geometry.js";

/** What is written in these inks, on paper and on the shade of boxes: WCAG asks for 4.5 to 1. */
const WRITTEN: Ink[] = ["text", "quiet", "bytes", "connection", "error", "good", "other", "wait"];

describe.each(["light", "dark"] as const)("on %s paper", (theme) => {
  const colours = THEMES[theme];

  it.each(WRITTEN)("%s can be read", (ink) => {
    for (const paper of ["paper", "shade"] as const)
      expect(contrast(colours[ink], colours[paper]), paper).toBeGreaterThanOrEqual(4.5);
  });

  it("lines can be seen, and the bytes in network order can be read", () => {
    expect(contrast(colours.line, colours.paper)).toBeGreaterThanOrEqual(3);
    expect(contrast(colours.text, colours.network)).toBeGreaterThanOrEqual(4.5);
  });
});

describe("every picture", () => {
  it.each(drawn)("%s has its colours from the two lists, and no other", (_, draw) => {
    const { svg } = draw();
    const [, style = "", body = ""] = /<style>(.*?)<\/style>(.*)/s.exec(svg) ?? [];
    const rules = style.replace(/^:root\{[^}]*\}@media \(prefers-color-scheme:dark\)\{:root\{[^}]*\}\}/, "");
    expect(rules.length).toBeLessThan(style.length);
    expect(rules).not.toMatch(/#[0-9a-f]{3}|rgb|white|black/);
    expect(body).not.toMatch(/ (fill|stroke)="/);
  });

  it.each(drawn)("%s has no letter below ten pixels", (_, draw) => {
    const { svg } = draw();
    const sizes = [...svg.matchAll(/font(?:-size)?:(\d+)px/g)].map(([, size]) => Number(size));
    expect(textBoxes(svg).length).toBeGreaterThan(0);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(10);
  });
});

import { expect, it } from "vitest";
import {
  asFigure,
  asImage,
  ladderPicture,
  statesDiagram,
  tableOfSockets,
} from "../../kernel-helpers/dist/pictures/index.js";
import { plotPicture } from "../../kernel-helpers/dist/pictures/plot/plot.js";
import { SOON } from "../support/time.js";
import { drawn } from "./drawn.js";
import { longConversation } from "./scenes/index.mjs";
import { did, failed, streamSocket } from "./scenes/steps.mjs";
import { parseXml } from "./xml.js";

const ATTACKS = [
  "</svg><script>alert(1)</script>",
  "</text><image href='x' onerror='alert(1)'/>",
  "]]><![CDATA[",
  '" onload="alert(1)',
  "&lt;&#60;&#x3c;&bogus;",
  "<!-- <?xml ?> -->",
  "\u0000\u0001\u0008\u000b\u001b[31m\u007f\u0085\ufffe\uffff",
  "\u202eevil\u202c \u2066hidden\u2069 \u200f \ufeff",
  "\ud800 lone \udc00",
  `Z${"\u0300\u0489".repeat(200)}`,
  "𝕏".repeat(5000),
  "مرحبا שלום",
];

const pictures = [
  ...ATTACKS.map((text) =>
    ladderPicture({
      steps: [
        streamSocket(text, 0, 3),
        did(text, text, 1, { detail: text, result: 3 }),
        did(text, "send", 2, { data: text, asked: 5, result: 5 }),
        failed(text, "bind", 3, text, { address: text, local: text, peer: text }),
        did(text, "accept", 4, { result: 9, opened: `${text}→1`, address: text }),
      ],
      states: [{ handle: text, at: 1, state: text }],
    }),
  ),
  ...ATTACKS.map((text) => statesDiagram([text, "ESTABLISHED"], text)),
  ...ATTACKS.map((text) =>
    plotPicture({
      title: text,
      x: { label: text, unit: text },
      y: { label: text },
      lines: [text, text].map((name) => ({ name, points: [[1, 2]] })),
    }),
  ),
];
const EXPECTED = new Set(["svg", "style", "defs", "pattern", "clipPath", "rect", "path", "text", "circle", "g"]);

it("every picture is well-formed XML with nothing in it that acts", () => {
  const documents = [...drawn.map(([, draw]) => draw().svg), ...pictures.map(({ svg }) => svg)];
  for (const { error, elements, attributes } of parseXml(documents)) {
    expect(error).toBeNull();
    expect(Object.keys(elements).filter((name) => !EXPECTED.has(name))).toEqual([]);
    expect(attributes.filter((name) => name.startsWith("on") || name.endsWith("href"))).toEqual([]);
  }
});

it("the strict parser refuses what a picture must not be", () => {
  expect(
    parseXml(["<svg><text>a</svg>", "<svg>\u0001</svg>", "<svg>&bogus;</svg>"]).map(({ error }) => error),
  ).not.toContain(null);
});

it("received bytes change nothing but the text shown", () => {
  const attack = "</svg><script>";
  const scene = (data: string) => ({
    steps: [streamSocket("a", 0, 3), did("a", "recv", 1, { data, result: data.length, asked: 99 })],
  });
  const [harmless, hostile] = parseXml([
    ladderPicture(scene("x".repeat(attack.length))).svg,
    ladderPicture(scene(attack)).svg,
  ]);
  expect(hostile?.elements).toEqual(harmless?.elements);
  expect(hostile?.texts.some((text) => text.includes(attack))).toBe(true);
});

it("control characters and overrides are written as numbers, also in the words", () => {
  for (const { svg, alt } of pictures) {
    expect(svg).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    expect(alt).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  }
});

it("an image of a hostile picture is one img element", () => {
  for (const picture of pictures) {
    expect(asImage(picture)).toMatch(/^<img [^<>]*>$/);
    expect(asFigure(picture)).toMatch(
      /^<style>[^<]*<\/style><details [^<>]*><summary [^<>]*><img [^<>]*><\/summary><\/details>$/,
    );
  }
});

it("a table escapes what it shows", () => {
  for (const text of ATTACKS) {
    const { html } = tableOfSockets([{ protocol: text, local: text, peer: text, state: text, owner: text }]);
    const tags = html.match(/<[^>]*>/g) ?? [];
    expect(tags.length).toBeGreaterThan(30);
    expect(
      tags.filter(
        (tag) =>
          !/^<(\/(table|thead|tbody|tr|t[hd])|(table class="workshop-table"|t[hd]) style="[^"]*"|thead|tbody|tr|br|wbr)>$/.test(
            tag,
          ),
      ),
    ).toEqual([]);
  }
});

it("very long names stay within the page", () => {
  for (const { width, svg } of pictures) {
    expect(width).toBeLessThanOrEqual(1010);
    expect(svg.length).toBeLessThan(60_000);
  }
});

it("ten thousand calls make a picture of bounded size that says what is left out", () => {
  const started = performance.now();
  const { svg, alt, height } = ladderPicture(longConversation(10_000));
  expect(performance.now() - started).toBeLessThan(SOON);
  expect(svg.length).toBeLessThan(150_000);
  expect(height).toBeLessThan(8000);
  expect(svg).toContain("9,800 earlier calls left out.");
  expect(alt).toContain("9,800 earlier calls left out.");
  expect(ladderPicture(longConversation(10_000), { last: 1e9 }).svg.length).toBeLessThan(700_000);
});

it("a hundred handles are cut to those that fit on a screen", () => {
  const steps = Array.from({ length: 100 }, (_, index) => streamSocket(`client ${index}`, index, index));
  const { svg, width } = ladderPicture({ steps });
  expect(svg).toContain("88 handles with 88 calls left out.");
  expect(svg).toContain("client 99");
  expect(svg).not.toContain("client 5<");
  expect(width).toBeLessThan(2000);
});

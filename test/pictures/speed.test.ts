import { expect, it } from "vitest";
import { ladder, plot } from "../../kernel-helpers/dist/pictures/index.js";
import { longConversation } from "./scenes/index.mjs";

/** What a drawing costs: the fastest of 60, for whatever else the machine does can only add to it. In milliseconds. */
function cost(draw: () => unknown): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 60; turn += 1) {
    const started = performance.now();
    draw();
    fastest = Math.min(fastest, performance.now() - started);
  }
  return fastest;
}

it("fifty calls are drawn in less than 5 ms", () => {
  const scene = longConversation(50);
  expect(cost(() => ladder(scene))).toBeLessThan(5);
});

it("two hundred calls are drawn in less than 20 ms", () => {
  const scene = longConversation(200);
  expect(cost(() => ladder(scene))).toBeLessThan(20);
});

it("ten thousand points are plotted in less than 100 ms, and not all of them are written", () => {
  const points = Array.from({ length: 10_000 }, (_, n): [number, number] => [n, (n * 7919) % 101]);
  const spec = { title: "t", x: { label: "x" }, y: { label: "y" }, lines: [{ name: "a", points }] };
  expect(cost(() => plot(spec))).toBeLessThan(100);
  expect(plot(spec).svg.length).toBeLessThan(60_000);
});

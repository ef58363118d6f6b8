import { expect, it } from "vitest";
import { ladder, plot } from "../../kernel-helpers/dist/pictures/index.js";
import { longConversation } from "./scenes.mjs";

/** The median of 31 drawings, after some that let the engine compile the code, as it is in a notebook that has drawn before. */
function median(draw: () => unknown): number {
  for (let warm = 0; warm < 30; warm += 1) draw();
  const times = Array.from({ length: 31 }, () => {
    const started = performance.now();
    draw();
    return performance.now() - started;
  });
  return times.sort((a, b) => a - b)[15]!;
}

it("fifty calls are drawn in less than 5 ms", () => {
  const scene = longConversation(50);
  expect(median(() => ladder(scene))).toBeLessThan(5);
});

it("two hundred calls are drawn in less than 20 ms", () => {
  const scene = longConversation(200);
  expect(median(() => ladder(scene))).toBeLessThan(20);
});

it("ten thousand points are plotted in less than 100 ms, and not all of them are written", () => {
  const points = Array.from({ length: 10_000 }, (_, n): [number, number] => [n, (n * 7919) % 101]);
  const spec = { title: "t", x: { label: "x" }, y: { label: "y" }, lines: [{ name: "a", points }] };
  expect(median(() => plot(spec))).toBeLessThan(100);
  expect(plot(spec).svg.length).toBeLessThan(60_000);
});

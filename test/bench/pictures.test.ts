import { test } from "vitest";
import { ladderPicture } from "../../kernel-helpers/dist/pictures/index.js";
import { plotPicture } from "../../kernel-helpers/dist/pictures/plot/plot.js";
import { longConversation } from "../pictures/scenes/index.mjs";
import { judge } from "./figures.js";

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

test("ladders, and a plot of ten thousand points", ({ task }) => {
  const points = Array.from({ length: 10_000 }, (_, n): [number, number] => [n, (n * 7919) % 101]);
  const spec = { title: "t", x: { label: "x" }, y: { label: "y" }, lines: [{ name: "a", points }] };
  const [fifty, many] = [longConversation(50), longConversation(200)];
  judge(task, [
    { what: "draw a ladder of 50 calls", value: cost(() => ladderPicture(fifty)), unit: "ms", atMost: 5 },
    { what: "draw a ladder of 200 calls", value: cost(() => ladderPicture(many)), unit: "ms", atMost: 20 },
    { what: "plot 10,000 points", value: cost(() => plotPicture(spec)), unit: "ms", atMost: 100 },
  ]);
});

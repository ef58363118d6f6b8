import { test } from "vitest";
import { ladderPicture } from "../../kernel-helpers/dist/pictures/index.js";
import { plotPicture } from "../../kernel-helpers/dist/pictures/plot/plot.js";
import { longConversation } from "../pictures/scenes/index.mjs";
import { fastest, put } from "./measure/figures.js";

test("ladders, and a plot of ten thousand points", ({ task }) => {
  const points = Array.from({ length: 10_000 }, (_, n): [number, number] => [n, (n * 7919) % 101]);
  const spec = { title: "t", x: { label: "x" }, y: { label: "y" }, lines: [{ name: "a", points }] };
  const [fifty, many] = [longConversation(50), longConversation(200)];
  put(task, [
    { what: "draw a ladder of 50 calls", value: fastest(60, () => ladderPicture(fifty)), unit: "ms", atMost: 5 },
    { what: "draw a ladder of 200 calls", value: fastest(60, () => ladderPicture(many)), unit: "ms", atMost: 20 },
    { what: "plot 10,000 points", value: fastest(60, () => plotPicture(spec)), unit: "ms", atMost: 100 },
  ]);
});

import { createRequire } from "node:module";
import { type Handle, trace } from "kernel-helpers";
import { lookNow } from "kernel-helpers/dist/inspection/state-looks.js";
import { takeSnapshot } from "kernel-helpers/dist/notebook/snapshot.js";
import { beginStep, endStep, resultOf } from "kernel-helpers/dist/trace/index.js";
import { test } from "vitest";
import { ladderPicture } from "../../kernel-helpers/dist/pictures/index.js";
import { guardDescriptors } from "../support/descriptors.js";
import { connected, listening } from "../support/pairs.js";
import { fastest, put } from "./measure/figures.js";

guardDescriptors();

// What the panel draws with is nobody's elsewhere: it has no declarations.
const inside = createRequire(import.meta.url);
const { sceneOf } = inside("kernel-helpers/dist/notebook/ladder.js") as {
  sceneOf(snapshot: unknown): Parameters<typeof ladderPicture>[0];
};
const { tableOf } = inside("kernel-helpers/dist/notebook/sockets.js") as {
  tableOf(snapshot: unknown, leftovers: number): unknown;
};

function redraw(): void {
  const snapshot = takeSnapshot();
  ladderPicture(sceneOf(snapshot), { last: 11 }, 5);
  tableOf(snapshot, 0);
}

/** So many sends, as if the handle had made them. */
function sends(count: number, { name, fd }: Handle): void {
  for (let i = 0; i < count; i++) endStep(beginStep(name, "send", fd), resultOf(1));
}

test("a panel's redraw after a thousand calls and after a million, and with a thousand sockets", async ({ task }) => {
  const { server, place } = listening(undefined, 2000);
  const client = await connected(place);
  await server.accept();
  sends(1000, client);
  const thousand = fastest(30, redraw);
  sends(999_000, client);
  const million = fastest(30, redraw);
  trace.clear();
  for (let i = 0; i < 1000; i++) await connected(place, undefined, `client ${i}`);
  const many = fastest(30, redraw);
  const look = fastest(30, () => lookNow([{ pid: process.pid, handle: "client 500" }]));
  put(task, [
    { what: "redraw the panel after 1,000 calls", value: thousand, unit: "ms" },
    // The record keeps 5,000 steps: five times a thousand, however many there were.
    { what: "redraw the panel after 1,000,000 calls", value: million, unit: "ms" },
    { what: "redraw the panel with 1,000 sockets", value: many, unit: "ms" },
    { what: "look at states after a step, with 1,000 sockets", value: look * 1000, unit: "µs", atMost: 200 },
  ]);
});

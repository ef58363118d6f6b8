import { test } from "vitest";
import { compared, figureOf, note, put } from "./measure/figures.js";
import { inC, inNode, inPython, NO_C } from "./measure/programs.js";
import { inTurns, program } from "./measure/turns.js";

test("a round of send and recv over TCP, both ends in one process", async ({ task }) => {
  const c = inC("calls/round-trip.c");
  const sides = {
    ...(c && { c: program(c) }),
    python: program(inPython("calls/round_trip.py")),
    bare: program(inNode("calls/bare.mjs")),
    numbers: program(inNode("calls/numbers.mjs")),
    handles: program(inNode("calls/handles.mjs")),
  };
  const measured = await inTurns(sides, 10_000);
  const work = (name: keyof typeof measured) => measured[name]!.work;
  const python = ["CPython", work("python")] as const;
  put(task, [
    compared("send + recv, koffi alone", "µs", work("bare"), python),
    compared("send + recv, calls", "µs", work("numbers"), python, { atMost: 1.15 }),
    compared("send + recv, handles", "µs", work("handles"), python, { atMost: 1.4 }),
  ]);
  if (measured.c === undefined) note(task, NO_C);
  else put(task, [compared("send + recv, handles", "µs", work("handles"), ["C", work("c")])]);
});

test("a receive that waits before the send", async ({ task }) => {
  const { waiting } = await inTurns({ waiting: program(inNode("calls/waiting.mjs")) }, 500);
  put(task, [figureOf("send + recv, a handle that waits", "µs", waiting!.passed)]);
});

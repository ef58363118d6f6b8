import { test } from "vitest";
import { compared, note, put } from "./measure/figures.js";
import { placesOfTwo } from "./measure/places.js";
import { inC, inNode, inPython, NO_C } from "./measure/programs.js";
import { inTurns, program, programs } from "./measure/turns.js";

/*
 * Where the system puts the two processes decides more than anything that they do: on one processor a round trip took 23 µs, on two, of which each
 * wakes the other, 70. So each side has the same places.
 */
for (const { where, one, other } of placesOfTwo())
  test(`a question and its answer from a separate process ${where}`, async ({ task }) => {
    const echo = program(one(inPython("streams/echo.py")));
    try {
      const port = await echo.line();
      const sides = {
        python: program(other(inPython("streams/ask_python.py", port))),
        net: program(other(inNode("streams/ask-net.mjs", port))),
        handles: program(other(inNode("streams/ask-handles.mjs", port))),
      };
      const { python, net, handles } = await inTurns(sides, 4000);
      const what = `round trip to another process ${where}, awaited`;
      put(task, [
        compared(what, "µs", handles!.passed, ["node:net", net!.passed], { atMost: 1 }),
        compared(what, "µs", handles!.passed, ["CPython", python!.passed]),
        compared(`${what}: work`, "µs", handles!.work, ["node:net", net!.work]),
      ]);
    } finally {
      echo.end();
    }
  });

test("a question and its answer, both ends in one process", async ({ task }) => {
  const sides = {
    net: program(inNode("streams/both-ends-net.mjs")),
    handles: program(inNode("streams/both-ends-handles.mjs")),
  };
  const { net, handles } = await inTurns(sides, 6000);
  put(task, [compared("round trip in one process: work", "µs", handles!.work, ["node:net", net!.work], { atMost: 1 })]);
});

test("much data from a process to another one", async ({ task }) => {
  const inOneLanguage = (path: string) => programs(inNode(path), inNode(path));
  const c = inC("streams/bulk.c");
  const sides = {
    ...(c && { c: await programs(c, c) }),
    net: await inOneLanguage("streams/bulk-net.mjs"),
    handles: await inOneLanguage("streams/bulk-handles.mjs"),
  };
  const measured = await inTurns(sides, 300);
  const { handles, net } = measured;
  const what = "1 MB with sendAll and recv";
  put(task, [compared(what, "µs", handles!.passed, ["node:net", net!.passed])]);
  if (measured.c === undefined) note(task, NO_C);
  else {
    put(task, [
      // 0.95 of C's throughput.
      compared(what, "µs", handles!.passed, ["C", measured.c.passed], { atMost: 1.05 }),
      compared(`${what}: work`, "µs", handles!.work, ["C", measured.c.work]),
    ]);
  }
});

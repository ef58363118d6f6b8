import { test } from "vitest";
import { figureOf, put } from "./measure/figures.js";
import { inNode } from "./measure/programs.js";
import { type CommandLine, inTurns, program } from "./measure/turns.js";

/** Calls of which each prints so, to /dev/null; the results come from descriptor 3. */
function printing(how: "off" | "short" | "exact"): CommandLine {
  return ["sh", "-c", 'exec "$@" 3>&1 >/dev/null', "sh", ...inNode("trace/printing.mjs", how)];
}

test("what the record of a call costs, and its line", async ({ task }) => {
  const sides = {
    unrecorded: program(inNode("trace/record.mjs", "unrecorded")),
    recorded: program(inNode("trace/record.mjs", "recorded")),
    off: program(printing("off")),
    short: program(printing("short")),
    exact: program(printing("exact")),
  };
  const measured = await inTurns(sides, 8000);
  const more = (name: keyof typeof sides, than: keyof typeof sides) =>
    measured[name]!.work.map((value, i) => value - measured[than]!.work[i]!);
  put(task, [
    figureOf("the record of a call", "µs", more("recorded", "unrecorded")),
    figureOf("the printed line of a call, short", "µs", more("short", "off"), { atMost: 3 }),
    figureOf("the printed line of a call, exact", "µs", more("exact", "off"), { atMost: 3 }),
  ]);
});

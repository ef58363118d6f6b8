import { test } from "vitest";
import { compared, note, put } from "./measure/figures.js";
import { inC, inNode, NO_C } from "./measure/programs.js";
import { inTurns, program } from "./measure/turns.js";

test("a datagram is sent and received, both ends in one process", async ({ task }) => {
  const c = inC("datagrams/round-trip.c");
  const sides = {
    ...(c && { c: program(c) }),
    dgram: program(inNode("datagrams/dgram.mjs")),
    numbers: program(inNode("datagrams/numbers.mjs")),
    handles: program(inNode("datagrams/handles.mjs")),
  };
  const measured = await inTurns(sides, 5000);
  const work = (name: keyof typeof measured) => measured[name]!.work;
  const dgram = ["node:dgram", work("dgram")] as const;
  put(task, [
    compared("sendto + recvfrom, calls", "µs", work("numbers"), dgram),
    compared("sendto + recvfrom, handles", "µs", work("handles"), dgram, { atMost: 0.55 }),
  ]);
  if (measured.c === undefined) note(task, NO_C);
  else {
    const c = ["C", work("c")] as const;
    put(task, [
      compared("sendto + recvfrom, calls", "µs", work("numbers"), c),
      compared("sendto + recvfrom, handles", "µs", work("handles"), c, { atMost: 1.25 }),
    ]);
  }
});

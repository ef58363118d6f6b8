import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "vitest";
import { start } from "../support/child.js";
import { LONG_PATIENCE_MS } from "../support/time.js";
import { compared, figureOf, note, put } from "./measure/figures.js";
import { inC, inNode, inPython, NO_C } from "./measure/programs.js";
import type { CommandLine } from "./measure/turns.js";

/** How many clients, and how many requests all of them make in a turn. */
const SIZES = [
  [1, 5000],
  [100, 20_000],
  [1000, 20_000],
  [10_000, 40_000],
] as const;
const TURNS = 5;
const WARM_UP = 2;
/** What a server has open beside its clients. */
const OTHERS = 100;

const limit = Number(execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).replace("unlimited", "1e9"));

/** A program that may open as many descriptors as the system allows. */
function program([command, ...args]: CommandLine) {
  const child = start("sh", ["-c", 'ulimit -n $(ulimit -Hn); exec "$@"', "sh", command, ...args], {
    limit: LONG_PATIENCE_MS,
  });
  child.ended.catch(() => {});
  return child;
}

/** The memory of a process that is its own, in MB. */
function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

async function side(server: CommandLine, ask: CommandLine, clients: number) {
  const child = program(server);
  const port = await child.line();
  const before = memoryOf(child.process.pid!);
  const asking = program([...ask, port, `${clients}`]);
  const connected = Number(await asking.line()) / 1000;
  const turns: { rate: number; middle: number; late: number }[] = [];
  let memory = 0;
  return {
    connected,
    turns,
    memory: () => memory,
    async turn(requests: number, counts: boolean) {
      asking.write(`${requests}\n`);
      const [rate, middle, late] = (await asking.line()).split(" ").map(Number) as [number, number, number];
      memory = memoryOf(child.process.pid!) - before;
      if (counts) turns.push({ rate, middle, late });
    },
    end() {
      asking.process.kill();
      child.process.kill();
    },
  };
}

const ask = inC("serve/ask.c");

for (const [clients, requests] of SIZES) {
  test(`an echo server with ${clients} clients`, async ({ task }) => {
    if (ask === undefined) return note(task, NO_C);
    if (limit < clients + OTHERS)
      return note(task, `${clients} clients are left out: a process may open ${limit} descriptors here (ulimit -Hn).`);
    const all = {
      handles: await side(inNode("serve/handles.mjs"), ask, clients),
      net: await side(inNode("serve/net.mjs"), ask, clients),
      python: await side(inPython("serve/streams.py"), ask, clients),
    };
    try {
      for (let turn = -WARM_UP; turn < TURNS; turn++)
        for (const one of Object.values(all)) await one.turn(requests, turn >= 0);
    } finally {
      for (const one of Object.values(all)) one.end();
    }
    const { handles, net, python } = all;
    const of = (one: typeof net, what: "rate" | "middle" | "late") => one.turns.map((turn) => turn[what]);
    const what = `serve, ${clients} ${clients === 1 ? "client" : "clients"}`;
    put(task, [
      compared(`${what}: requests`, "/s", of(handles, "rate"), ["node:net", of(net, "rate")], { atLeast: 1 }),
      compared(`${what}: requests`, "/s", of(handles, "rate"), ["asyncio", of(python, "rate")], { atLeast: 2 }),
      compared(`${what}: half are answered within`, "µs", of(handles, "middle"), ["node:net", of(net, "middle")]),
      compared(`${what}: 99 % are answered within`, "µs", of(handles, "late"), ["node:net", of(net, "late")]),
    ]);
    if (clients < 1000) return;
    const each = (one: typeof net) => [(one.memory() / clients) * 1000];
    put(task, [
      compared(`${what}: memory for 1,000 of them`, "MB", each(handles), ["node:net", each(net)], { atMost: 1 }),
      figureOf(`${what}: all are connected after`, "ms", [handles.connected]),
    ]);
  });
}

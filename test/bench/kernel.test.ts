import { test } from "vitest";
import { denoIsWanted } from "./kernel/deno.js";
import { type Life, live, Restarted } from "./kernel/life.js";
import { OURS, peers, STOCK } from "./kernel/peers.js";
import { compared, type Figure, type Goal, note, put } from "./measure/figures.js";
import { TURNS } from "./measure/turns.js";

const NOTEBOOK = "01-connection-procedure";

interface Row {
  what: string;
  unit: Figure["unit"];
  of: (life: Life) => number;
  /** What is to be reached beside Deno. */
  goal?: Goal;
}

const ROWS: Row[] = [
  { what: "kernel: ready", unit: "ms", of: ({ ready }) => ready },
  { what: "kernel: first cell", unit: "ms", of: ({ first }) => first },
  { what: "kernel: ready + first cell", unit: "ms", of: ({ ready, first }) => ready + first, goal: { atMost: 0.8 } },
  { what: "kernel: import of sockets", unit: "ms", of: ({ imports }) => imports, goal: { atMost: 2 } },
  { what: "kernel: warm cell 1+1", unit: "ms", of: ({ warm }) => warm, goal: { atMost: 2 } },
  { what: "kernel: memory (PSS)", unit: "MB", of: ({ memory }) => memory, goal: { atMost: 1 } },
];

test("a kernel's start, its cells and its memory, beside other kernels", async ({ task }) => {
  const all = await peers();
  const lives = new Map<string, Life[]>(all.map(({ who }) => [who, []]));
  for (let turn = 0; turn < TURNS; turn++) {
    for (const peer of all) lives.get(peer.who)!.push(await live(peer));
  }
  const [ours, ...others] = all.map(({ who }) => who) as [string, ...string[]];
  for (const { what, unit, of, goal } of ROWS) {
    const turns = (who: string) => lives.get(who)!.map(of);
    put(
      task,
      others.map((who) => compared(what, unit, turns(ours), [who, turns(who)], who === "Deno" ? goal : {})),
    );
  }
  if (!denoIsWanted()) note(task, "Deno is left out. To get it (92 MB, once): npm run bench -- kernel --deno");
});

test(`restart and "Run All" of notebook 01`, async ({ task }) => {
  const [ours, stock] = [await Restarted.of(OURS, NOTEBOOK), await Restarted.of(STOCK, NOTEBOOK)];
  const times = { ours: [] as number[], stock: [] as number[] };
  try {
    for (let turn = 0; turn < TURNS; turn++) {
      times.ours.push(await ours.again());
      times.stock.push(await stock.again());
    }
  } finally {
    await ours.stop();
    await stock.stop();
  }
  // Ours took as long as the stock one when it parsed all declarations at each start: 0.6 of that is to be reached.
  put(task, [compared("restart + Run All of 01", "ms", times.ours, [STOCK.who, times.stock], { atMost: 0.6 })]);
});

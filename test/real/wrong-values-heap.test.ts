import { createRequire } from "node:module";
import { inspect } from "node:util";
import * as helpers from "kernel-helpers";
import { expect, test } from "vitest";
import { attack } from "../soak/arguments/run.js";
import { freshSeed } from "../soak/random.js";
import { checkedHeap } from "../support/checked-heap.js";
import { PROJECT, run } from "../support/child.js";
import { LONG_PATIENCE_MS } from "../support/time.js";

/*
 * Twelve wrong values at every place of everything that can be called, of their kinds those that the seed chooses, in a process whose heap
 * glibc checks. The peers look at every byte that they get. SOAK_SEED=… makes the same program again; `npm run soak` tries all values.
 */

const seed = Number(process.env.SOAK_SEED ?? freshSeed());

test(`no wrong value writes or sends what it must not, leaves anything open, or is refused in words that are not ours, seed ${seed}`, {
  timeout: LONG_PATIENCE_MS,
}, async () => {
  const { reached, attempts, refused, faults } = await attack(seed, 12);
  expect(faults, `seed ${seed}`).toEqual([]);
  // It is no test of a few: every call on numbers, every function, every method of a handle in each state.
  expect(reached).toEqual(expect.arrayContaining(Object.keys(helpers.calls).map((name) => `calls.${name}`)));
  const functions = Object.entries(helpers).filter(
    ([name, value]) => typeof value === "function" && /^[a-z]/.test(name),
  );
  expect(reached).toEqual(expect.arrayContaining(functions.map(([name]) => name)));
  for (const kind of ["stream", "listener", "box", "six", "closed", "there"])
    expect(reached).toEqual(expect.arrayContaining([`${kind}.send`, `${kind}.recvmsg`, `${kind}.close`]));
  expect(reached).toEqual(expect.arrayContaining(["server.stop", "process.kill", "livePlot.update", "trace.steps"]));
  expect(reached).toEqual(
    expect.arrayContaining(["process.serve", "server there.stop", "serve { most }", "unix.bind"]),
  );
  expect(attempts).toBeGreaterThan(3000);
  expect(refused).toBeGreaterThan(attempts / 2);
});

test("glibc finds a write past the end of a block: without that, the test above would find none", async () => {
  const koffi = createRequire(`${PROJECT}kernel-helpers/dist/libc/library.js`).resolve("koffi");
  // As a call would be that has taken a view's word for its length.
  const script = `const koffi = require(${inspect(koffi)});
    const memset = koffi.load(null).func("void *memset(void *, int, size_t)");
    let memory = Buffer.from(new ArrayBuffer(96));
    memset(memory, 1, 96 + Number(process.argv[1]));
    memory = undefined;
    setImmediate(() => { gc(); gc(); setImmediate(() => console.log("freed")); });`;
  const withRoom = await run(process.execPath, ["--expose-gc", "-e", script, "0"], { env: checkedHeap() });
  expect(withRoom).toMatchObject({ stdout: "freed\n", stderr: "", code: 0 });
  const past = await run(process.execPath, ["--expose-gc", "-e", script, "8"], { env: checkedHeap() });
  expect(past).toMatchObject({ stdout: "", signal: "SIGABRT" });
});

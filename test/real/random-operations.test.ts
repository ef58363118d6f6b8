import { otherProcess, trace } from "kernel-helpers";
import { beforeEach, expect, test, vi } from "vitest";
import { freshSeed } from "../soak/random.js";
import { Reached } from "../soak/reached.js";
import { soak } from "../soak/run.js";
import { guardDescriptors } from "../support/descriptors.js";

/*
 * Random programs: operations on handles and servers in any order, here and in another process, while others wait in the background. Whatever
 * they do, an error has words, bytes and datagrams arrive as they were sent, and nothing is left. A failure names its seed:
 * SOAK_SEED=… npm test -- test/real/random-operations.test.ts. `npm run soak` goes on for longer.
 */

guardDescriptors();
beforeEach(() => {
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
});

const chosen = process.env.SOAK_SEED;
const SEEDS = chosen === undefined ? [1, 2, 3, 4, freshSeed()] : [Number(chosen)];

const reached = new Reached();

test.each(SEEDS)("5,000 random operations, seed %d", async (seed) => {
  trace.off();
  reached.add(await soak(seed, 5000, { other: await otherProcess("other") }));
});

test.runIf(chosen === undefined)("they come to everything in which something could go wrong", () => {
  expect(reached.missing).toEqual([]);
});

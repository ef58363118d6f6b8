import { otherProcess, trace } from "kernel-helpers";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { freshSeed } from "../soak/random.js";
import { soak } from "../soak/run.js";
import { guardDescriptors } from "../support/descriptors.js";

/*
 * Random programs: operations on handles in any order, here and in another process. Whatever they do, an error has words, bytes arrive as
 * they were sent, and nothing is left. A failure names its seed: SOAK_SEED=… npm test -- test/real/random-operations.test.ts. `npm run soak` goes on for longer.
 */

guardDescriptors();
beforeEach(() => {
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
});

const chosen = process.env.SOAK_SEED;
const SEEDS = chosen === undefined ? [1, 2, 3, 4, freshSeed()] : [Number(chosen)];

describe("5,000 random operations", () => {
  test.each(SEEDS)("here, seed %d", async (seed) => {
    trace.off();
    const outcomes = await soak(seed, 5000);
    // It is no test of errors alone.
    for (const name of ["pair ok", "connect ok", "send ok", "recv ok", "sendto ok"])
      expect(outcomes.get(name) ?? 0, name).toBeGreaterThan(3);
  });

  test.each(SEEDS.slice(-2))("here and in another process, seed %d", async (seed) => {
    trace.off();
    const other = await otherProcess("other");
    const outcomes = await soak(seed, 1000, { other });
    expect(outcomes.get("pair ok") ?? 0).toBeGreaterThan(3);
  });
});

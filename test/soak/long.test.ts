import { otherProcess, trace } from "kernel-helpers";
import { expect, test, vi } from "vitest";
import { freshSeed } from "./random.js";
import { unreached } from "./reached.js";
import { soak } from "./run.js";

/*
 * npm run soak: random programs with ever new seeds, for 10 minutes, or as many as SOAK_MINUTES says. Every fifth is made in another process
 * too. A line a program tells how far it has come, and how much memory is in use: it must not grow with them.
 */

const MINUTES = Number(process.env.SOAK_MINUTES ?? 10);
/** What a program may leave behind in memory when thousands were there before it, in bytes. */
const MOST = 50_000_000;

test(`random operations for ${MINUTES} minutes`, async () => {
  expect(MINUTES, "SOAK_MINUTES").toBeGreaterThan(0);
  trace.off();
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const end = performance.now() + MINUTES * 60_000;
  let first: number | undefined;
  for (let program = 1; performance.now() < end; program++) {
    const seed = freshSeed();
    const other = program % 5 === 0 ? await otherProcess("other") : undefined;
    expect(unreached(await soak(seed, 5000, other === undefined ? {} : { other })), `seed ${seed}`).toEqual([]);
    const used = process.memoryUsage().heapUsed;
    // The first ones load what is loaded once.
    if (program === 10) first = used;
    process.stderr.write(`program ${program}, seed ${seed}: ${Math.round(used / 1e6)} MB\n`);
    if (first !== undefined)
      expect(used - first, `bytes more than after ten programs, seed ${seed}`).toBeLessThan(MOST);
  }
});

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { otherProcess, trace } from "kernel-helpers";
import { expect, onTestFinished, test } from "vitest";
import { freshSeed } from "./random.js";
import { Reached } from "./reached.js";
import { soak } from "./run.js";
import { CHOSEN, part, tell } from "./told.js";

/*
 * npm run soak: random programs with ever new seeds, for 10 minutes, or as many as SOAK_MINUTES says. Every fifth is made in another process
 * too. A line a program tells its seed, and how much memory is in use before it: it must not grow with them.
 */

const MINUTES = Number(process.env.SOAK_MINUTES ?? 10);
/** What the programs may leave behind in memory when ten were there before them, in bytes. The record of the last 5,000 steps is as large as they were. */
const MOST = 50_000_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** What is in use: without a collection it goes up and down by 100 MB. */
function inUse(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

const reached = new Reached();

async function program(seed: number, withOther: boolean): Promise<void> {
  const other = withOther ? await otherProcess("other") : undefined;
  reached.add(await soak(seed, 5000, other === undefined ? {} : { other }));
}

test(`random operations for ${MINUTES} minutes`, async () => {
  expect(MINUTES, "SOAK_MINUTES").toBeGreaterThan(0);
  trace.off();
  // No spy, which keeps all that is printed.
  const { write } = process.stdout;
  process.stdout.write = () => true;
  onTestFinished(() => {
    process.stdout.write = write;
  });
  const again = "test/soak/long.test.ts";
  if (CHOSEN !== undefined) {
    // Whichever of the two it was: when time has a part in it, it can take several runs.
    for (const withOther of [false, true])
      await part(`random operations${withOther ? ", with another process" : ""}`, { seed: CHOSEN, again }, () =>
        program(CHOSEN!, withOther),
      );
    return;
  }
  let seed = 0;
  const end = performance.now() + MINUTES * 60_000;
  const programs = async (): Promise<void> => {
    let first: number | undefined;
    for (let count = 1; performance.now() < end; count++) {
      seed = freshSeed();
      const used = inUse();
      const left = Math.ceil((end - performance.now()) / 60_000);
      tell(`random operations: program ${count}, seed ${seed}; ${Math.round(used / 1e6)} MB in use, ${left} min left`);
      // The first ones load what is loaded once.
      if (count === 11) first = used;
      if (first !== undefined) expect(used - first, "bytes more in use than after ten programs").toBeLessThan(MOST);
      await program(seed, count % 5 === 0);
    }
    expect(reached.missing).toEqual([]);
  };
  await part(`random operations for ${MINUTES} minutes`, { again }, programs);
});

import { expect, test } from "vitest";
import { attack } from "./arguments/run.js";
import { freshSeed } from "./random.js";

/* npm run soak: all wrong values at every place of everything that can be called, under glibc's checks of the heap, three times. */

const HOUR = 3_600_000;

test.each([1, 2, 3])("all wrong values everywhere, program %d of 3", async (program) => {
  const seed = Number(process.env.SOAK_SEED ?? freshSeed());
  process.stderr.write(`wrong values, program ${program}, seed ${seed}\n`);
  const { attempts, refused, faults } = await attack(seed, Number.POSITIVE_INFINITY, { limit: HOUR });
  expect(faults, `seed ${seed}`).toEqual([]);
  process.stderr.write(`wrong values, program ${program}: ${refused} of ${attempts} refused\n`);
});

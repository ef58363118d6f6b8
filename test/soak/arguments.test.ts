import { expect, test } from "vitest";
import { attack } from "./arguments/run.js";
import { freshSeed } from "./random.js";
import { CHOSEN, part, tell } from "./told.js";

/* npm run soak: all wrong values at every place of everything that can be called, under glibc's checks of the heap, three times. */

const HOUR = 3_600_000;

test.each([1, 2, 3])("all wrong values everywhere, program %d of 3", async (program) => {
  const seed = CHOSEN ?? freshSeed();
  const title = `wrong values, program ${program} of 3`;
  await part(title, { seed, again: "test/soak/arguments.test.ts" }, async () => {
    const { attempts, refused, faults } = await attack(seed, Number.POSITIVE_INFINITY, { limit: HOUR });
    expect(faults, `seed ${seed}`).toEqual([]);
    tell(`${title}: ${refused} of ${attempts} calls refused, the others took the value`);
  });
});

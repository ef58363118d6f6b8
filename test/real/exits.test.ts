import { expect, test } from "vitest";
import { ENDINGS, storm } from "../soak/exits.js";
import { freshSeed, Random } from "../soak/random.js";
import { LONG_PATIENCE_MS } from "../support/time.js";

/*
 * Programs that end while calls wait: each ends by itself, with its own status, and says nothing but what it was told to say. The moment is
 * left to chance, so the thread that waits is starting, is waiting, or is not there yet. SOAK_SEED=… makes the same programs again;
 * `npm run soak` makes 300 of each kind.
 */

const seed = Number(process.env.SOAK_SEED ?? freshSeed());

test(`six programs of each kind (${ENDINGS.join(", ")}) end well, seed ${seed}`, {
  timeout: LONG_PATIENCE_MS,
}, async () => {
  expect(await storm(6, new Random(seed))).toEqual([]);
});

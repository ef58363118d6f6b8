import { expect, test } from "vitest";
import { fetchNodes, supportedNodes } from "../support/nodes.js";
import { ENDINGS, storm } from "./exits.js";
import { freshSeed, Random } from "./random.js";

/*
 * npm run soak: 300 programs of each kind, in turn on the Node that runs the tests and on every other that is supported. A failure says the
 * seed, the Node, and the program.
 */

const EACH = 300;

test(`${EACH} programs of each kind (${ENDINGS.join(", ")}) end well`, async () => {
  await fetchNodes();
  const programs = [process.execPath, ...supportedNodes().map(({ program }) => program)];
  const seed = Number(process.env.SOAK_SEED ?? freshSeed());
  const told = (done: number) => process.stderr.write(`exits, seed ${seed}: ${done} of ${EACH * ENDINGS.length}\n`);
  expect(await storm(EACH, new Random(seed), { programs, told }), `seed ${seed}`).toEqual([]);
});

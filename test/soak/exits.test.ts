import { expect, test } from "vitest";
import { fetchNodes, supportedNodes } from "../support/nodes.js";
import { ENDINGS, storm } from "./exits.js";
import { freshSeed, Random } from "./random.js";
import { CHOSEN, part, tell } from "./told.js";

/*
 * npm run soak: 300 programs of each kind, in turn on the Node that runs the tests and on every other that is supported. A failure says the
 * seed, the Node, and the program.
 */

const EACH = 300;

test(`${EACH} programs of each kind (${ENDINGS.join(", ")}) end well`, async () => {
  await fetchNodes();
  const nodes = supportedNodes();
  const programs = [process.execPath, ...nodes.map(({ program }) => program)];
  const seed = CHOSEN ?? freshSeed();
  const total = EACH * ENDINGS.length;
  const told = (done: number) => tell(`exits: ${done} of ${total}`);
  const title = `exits: ${total} programs that end while calls wait, on ${programs.length} Nodes`;
  await part(title, { seed, again: "test/soak/exits.test.ts" }, async () => {
    expect(await storm(EACH, new Random(seed), { programs, told }), `seed ${seed}`).toEqual([]);
  });
});

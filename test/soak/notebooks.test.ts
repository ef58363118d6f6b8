import { expect, test } from "vitest";
import { runAll } from "../notebooks/running.js";
import { withKernel } from "../support/jupyter/index.js";
import { notebookNames, readNotebook } from "../support/notebooks.js";
import { jumpAbout } from "./chance-order.js";
import { freshSeed, Random } from "./random.js";
import { CHOSEN, part, tell } from "./told.js";

/* npm run soak: the cells of each notebook in ten chance orders, one after the other in one kernel; after each, the notebook from its beginning to its end. */

const ORDERS = 10;

test.each(notebookNames())(`${ORDERS} chance orders of the cells of %s`, async (name) => {
  const seed = CHOSEN ?? freshSeed();
  await part(`${ORDERS} chance orders of ${name}`, { seed, again: "test/soak/notebooks.test.ts" }, () =>
    withKernel({ spec: "ours" }, async (kernel) => {
      const random = new Random(seed);
      for (let order = 1; order <= ORDERS; order++) {
        const { code } = readNotebook(name);
        expect(await jumpAbout(kernel, code, random)).toEqual([]);
        await runAll(kernel, code);
        tell(`${name}: chance order ${order} of ${ORDERS}`);
      }
    }),
  );
});

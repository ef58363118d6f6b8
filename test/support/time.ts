/*
 * What tests may say about time. They run on machines that do other things as well: four programs that want a processor make a test several
 * times slower on two. So a test judges what happens and in which order; how fast it is, `npm run bench` judges.
 */

/** How many times as long as promised something may take before a test calls it broken. */
const LEISURE = 5;

/** The bound for what is promised within so many milliseconds. */
export const atMost = (promised: number): number => LEISURE * promised;

/** The bound for what is promised within a second: an interrupt ends a cell, a kernel is gone, a refusal comes "at once". */
export const SOON = atMost(1000);

/* How long a test waits for what must come before it says that it has not. Only a failure takes so long. */

/** For one thing: a cell, an answer, a program that starts. The longest takes 10 s on an idle machine. */
export const PATIENCE_MS = 90_000;

/** For one test. */
export const TEST_PATIENCE_MS = 2 * PATIENCE_MS;

/** For a test that runs whole notebooks, or installs. */
export const LONG_PATIENCE_MS = 10 * PATIENCE_MS;

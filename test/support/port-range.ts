const FIRST = 20_000;
const LAST = 32_767;
const SIZE = 100;
/** How many kernels of one test runner can be alive at once without sharing a range. */
const SLOTS = 30;

let taken = 0;

/**
 * Ports for the `choosePort` of one kernel: a port that is chosen and not bound yet is free for every other process too, and tests run
 * beside each other. From the top, because the learners of a hub get theirs from the bottom.
 */
export function portRange(): string {
  const runner = Number(process.env.VITEST_POOL_ID ?? 1) - 1;
  const slots = Math.floor((LAST - FIRST + 1) / SIZE);
  const slot = (runner * SLOTS + (taken++ % SLOTS)) % slots;
  const last = LAST - slot * SIZE;
  return `${last - SIZE + 1}-${last}`;
}

import { endRunning } from "./run.mjs";
import { breakOff } from "./under-way.mjs";

/**
 * Does several things side by side, and gives what they give. With the first that fails all of it is over: the programs of the others are
 * ended, nothing of them goes on, and its error alone is told. What they leave is as after a signal, and the next set-up does it anew.
 * @template {unknown[]} T
 * @param {{ [K in keyof T]: () => Promise<T[K]> }} works
 * @returns {Promise<T>}
 */
export async function sideBySide(...works) {
  try {
    return /** @type {T} */ (await Promise.all(works.map((work) => work())));
  } catch (error) {
    await endRunning();
    breakOff();
    throw error;
  }
}

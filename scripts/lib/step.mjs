import { Problem } from "./problem.mjs";

const SECOND = 1000;

/**
 * Shows one step of the set-up while it runs: a line that counts the seconds in a terminal, a plain
 * line before and after elsewhere.
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(what, work) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / SECOND);
  const live = Boolean(process.stdout.isTTY);
  process.stdout.write(`  ${what} …${live ? "" : "\n"}`);
  const ticking = live ? setInterval(() => process.stdout.write(`\r  ${what} … ${seconds()} s`), SECOND) : undefined;
  try {
    const result = await work();
    process.stdout.write(
      `${live ? "\r" : ""}✓ ${what}: ${seconds()} s          \n`.replace(/ +\n/, live ? "$&" : "\n"),
    );
    return result;
  } catch (error) {
    if (live) process.stdout.write("\n");
    throw error;
  } finally {
    clearInterval(ticking);
  }
}

/**
 * Throws a Problem unless the program ended well; the end of its output comes first.
 * @param {import("./run.mjs").Ended} ended
 * @param {string} sentence
 */
export function insist(ended, sentence) {
  if (ended.code === 0) return;
  process.stderr.write(`\n${ended.output.trimEnd().split("\n").slice(-25).join("\n")}\n\n`);
  throw new Problem(sentence);
}

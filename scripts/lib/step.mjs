import { causeOf } from "./cause.mjs";
import { AGAIN, Problem } from "./problem.mjs";

const SECOND_MS = 1000;
const FIRST_LINES = 15;
const LAST_LINES = 30;

/**
 * Shows one step of the set-up while it runs: one line that counts the seconds in a terminal, a line before
 * and a line after elsewhere.
 * @template T
 * @param {string} what
 * @param {(tell: (how: string) => void) => Promise<T>} work may tell how far it has come, which a terminal shows
 * @returns {Promise<T>}
 */
export async function step(what, work) {
  const started = Date.now();
  const took = () => `${Math.round((Date.now() - started) / SECOND_MS)} s`;
  const live = process.stdout.isTTY;
  // A carriage return goes back to the start of the line, which is then written over.
  const show = (/** @type {string} */ line) => process.stdout.write(live ? `\r${line}` : `${line}\n`);
  show(`  ${what} …`);
  let progress = "";
  const tick = () => show(`  ${what} … ${progress}${took()}`);
  const tell = (/** @type {string} */ how) => {
    progress = `${how}, `;
    if (live) tick();
  };
  const ticking = live ? setInterval(tick, SECOND_MS) : undefined;
  let done = false;
  try {
    const result = await work(tell);
    done = true;
    return result;
  } finally {
    clearInterval(ticking);
    // As long as the line before it, which it writes over.
    const rest = live ? `${" ".repeat(progress.length + 3)}\n` : "";
    show(`${done ? "✓" : "✗"} ${what}: ${took()}${rest}`);
  }
}

/** Lines that repeat the one before them, once. @param {string[]} lines */
const withoutRepeats = (lines) => lines.filter((line, at) => line !== lines[at - 1]);

/** @param {string} output */
function shortened(output) {
  const lines = withoutRepeats(output.trim().split("\n"));
  if (lines.length <= FIRST_LINES + LAST_LINES) return lines;
  return [...lines.slice(0, FIRST_LINES), "…", ...lines.slice(-LAST_LINES)];
}

/**
 * Throws a Problem unless the program ended well; what the program had to say comes first.
 * @param {import("./run.mjs").Ended} ended
 * @param {string} what did not succeed: the first half of a sentence whose second half is the cause
 * @param {import("./cause.mjs").Circumstances & { words?: string, otherwise?: string }} [around] `words`: where the
 *   cause is looked for, if not in the whole output; `otherwise`: the second half when the cause is not known
 */
export function insist(ended, what, { words = ended.output, otherwise, ...around } = {}) {
  if (ended.code === 0) return;
  if (ended.output.trim()) process.stderr.write(`\n${shortened(ended.output).join("\n")}\n\n`);
  const cause = causeOf({ ...ended, output: words }, around);
  if (cause) throw new Problem(`${what}: ${cause.sentence} ${AGAIN}`, cause.kind);
  throw new Problem(`${what}: ${otherwise ?? "its own words are above"}.`);
}

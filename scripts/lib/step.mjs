import { Problem } from "./problem.mjs";

const SECOND_MS = 1000;
const FIRST_LINES = 15;
const LAST_LINES = 30;

/**
 * Shows one step while it runs: one line that counts the seconds in a terminal, a line before and a line after elsewhere.
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

/** @param {string[]} lines */
function shortened(lines) {
  if (lines.length <= FIRST_LINES + LAST_LINES) return lines;
  return [...lines.slice(0, FIRST_LINES), "…", ...lines.slice(-LAST_LINES)];
}

/**
 * Throws a Problem unless the program ended well; what the program had to say comes first.
 * @param {import("./run.mjs").Ended} ended
 * @param {string} sentence
 */
export function insist(ended, sentence) {
  if (ended.code === 0) return;
  process.stderr.write(`\n${shortened(ended.output.trim().split("\n")).join("\n")}\n\n`);
  throw new Problem(sentence);
}

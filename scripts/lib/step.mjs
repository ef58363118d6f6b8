import { causeOf } from "./cause.mjs";
import { AGAIN, Problem } from "./problem.mjs";
import { begin, end, say, tell } from "./under-way.mjs";

const FIRST_LINES = 15;
const LAST_LINES = 30;

/**
 * Shows one step while it runs, beside the others that do.
 * @template T
 * @param {string} what
 * @param {(tell: (how: string) => void) => Promise<T>} work may tell how far it has come, which a terminal shows
 * @returns {Promise<T>}
 */
export async function step(what, work) {
  const one = begin(what);
  let done = false;
  try {
    const result = await work((how) => tell(one, how));
    done = true;
    return result;
  } finally {
    end(one, done ? "✓" : "✗");
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
  if (ended.output.trim()) say(`\n${shortened(ended.output).join("\n")}\n`, process.stderr);
  const cause = causeOf({ ...ended, output: words }, around);
  if (cause) throw new Problem(`${what}: ${cause.sentence} ${AGAIN}`, cause.kind);
  throw new Problem(`${what}: ${otherwise ?? "its own words are above"}.`);
}

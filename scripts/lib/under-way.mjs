// What is under way, for whoever waits for it: in a terminal one line that counts the seconds of all of it, and a line for each that has
// ended; elsewhere a line before and a line after.

const SECOND_MS = 1000;
/** Where the terminal does not say how wide it is. */
const COLUMNS = 80;

/** @typedef {{ what: string, began: number, progress: string }} UnderWay `progress`: how far it has come, as far as it tells */

/** In the order in which they have begun. @type {Set<UnderWay>} */
const underWay = new Set();
/** How long the line that counts is now; 0 when there is none. */
let length = 0;
/** @type {NodeJS.Timeout | undefined} */
let ticking;

const isLive = () => Boolean(process.stdout.isTTY);

/** @param {UnderWay} one */
const seconds = ({ began }) => `${Math.round((Date.now() - began) / SECOND_MS)} s`;

/** All that is under way, as far as it fits: a line that is broken in two cannot be written over. */
function counting() {
  const room = (process.stdout.columns || COLUMNS) - 1;
  const all = [...underWay].map((one) => `${one.what} … ${one.progress}${seconds(one)}`);
  const lines = all.map((_one, last) => {
    const rest = all.length - 1 - last;
    return `  ${all.slice(0, last + 1).join(", ")}${rest > 0 ? `, and ${rest} more` : ""}`;
  });
  return lines.findLast((line) => line.length <= room) ?? `${lines[0]?.slice(0, room - 1)}…`;
}

/** Writes over the line that counts: a carriage return goes back to its start. @param {string} line */
function overwrite(line) {
  process.stdout.write(`\r${line.padEnd(length)}`);
  length = line.length;
}

const count = () => overwrite(counting());

/** Whole lines, above the one that counts. @param {() => void} write */
function above(write) {
  if (length > 0) {
    overwrite("");
    process.stdout.write("\r");
  }
  write();
  if (isLive() && underWay.size > 0) count();
}

// Whatever ends this process: the next prompt gets a line of its own.
process.once("exit", () => {
  if (length > 0) process.stdout.write("\n");
});

/** @param {string} what */
export function begin(what) {
  const one = { what, began: Date.now(), progress: "" };
  underWay.add(one);
  if (isLive()) {
    count();
    ticking ??= setInterval(count, SECOND_MS).unref();
  } else process.stdout.write(`  ${what} …\n`);
  return one;
}

/** Says how far it has come, which a terminal shows. @param {UnderWay} one @param {string} how */
export function tell(one, how) {
  one.progress = `${how}, `;
  if (isLive() && underWay.has(one)) count();
}

/** @param {UnderWay} one @param {"✓" | "✗" | "–"} sign @param {string} [how] */
export function end(one, sign, how = "") {
  if (!underWay.delete(one)) return;
  if (underWay.size === 0) {
    clearInterval(ticking);
    ticking = undefined;
  }
  above(() => process.stdout.write(`${sign} ${one.what}: ${how}${seconds(one)}\n`));
}

/** What is under way does not go on. */
export function breakOff() {
  for (const one of [...underWay]) end(one, "–", "broken off after ");
}

/** Says something while other things are under way. @param {string} text @param {NodeJS.WritableStream} [stream] */
export const say = (text, stream = process.stdout) => above(() => stream.write(`${text}\n`));

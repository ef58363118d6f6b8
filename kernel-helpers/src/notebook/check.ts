import { shown } from "../bytes/arguments";
import { clean } from "../bytes/clean";
import { print, type Step, steps } from "../trace";

/**
 * Checks one sentence of an exercise and prints it with ✓ or ✗.
 *
 * @param sentence what must be so: "the traveller sends before the inn accepts"
 * @param passed whether it is; see `inOrder` for the order of calls
 * @throws Errors: none
 */
export function check(sentence: string, passed: boolean): void {
  if (typeof sentence !== "string") {
    throw new TypeError(`check takes a sentence and whether it is so: check("it listens", …), not ${shown(sentence)}.`);
  }
  print(`${passed ? "✓" : "✗"} ${clean(sentence)}`);
}

/**
 * Tells whether these calls were made and succeeded, in this order, since the first one's handle was opened last.
 *
 * @param calls each a handle's name and a call: `inOrder("inn listen", "traveller connect", "inn accept")`
 * @returns Returns true when they were; other calls may lie between them
 * @throws Errors: TypeError when a text is not a name and a call
 */
export function inOrder(...calls: string[]): boolean {
  const wanted = calls.map(parse);
  const steps = sinceOpened(wanted[0]?.handle);
  let at = 0;
  for (const step of steps) {
    const next = wanted[at];
    if (next !== undefined && step.handle === next.handle && step.name === next.name && succeeded(step)) at += 1;
  }
  return at === wanted.length;
}

function parse(text: string): { handle: string; name: string } {
  const match = typeof text === "string" ? /^(.+) (\w+)$/.exec(text) : null;
  if (match === null) throw new TypeError(`${shown(text)} is not a handle's name and a call, such as "server accept".`);
  return { handle: match[1]!, name: match[2]! };
}

function sinceOpened(handle: string | undefined): readonly Step[] {
  const all = steps();
  const opened = all.findLastIndex((step) => step.handle === handle && step.name === "socket");
  return opened < 0 ? all : all.slice(opened);
}

/** Ended without an error. */
function succeeded(step: Step): boolean {
  return step.outcome !== undefined && "result" in step.outcome;
}

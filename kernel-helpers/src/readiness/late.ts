/*
 * What is to be done for a wait only when it lasts: most are over within microseconds, and would pay for it in vain. One timer serves all.
 */

/** From when on a wait lasts: one to two times so many milliseconds. */
const LATE = 5;

interface Lasting {
  /** Undefined when the wait is over: what it holds is garbage then, and must not wait here for the timer. */
  action: (() => void) | undefined;
}

/** Before anybody can replace it. */
const later = setTimeout;

let young: Lasting[] = [];
let older: Lasting[] = [];
let runs = false;

/** Has something done when a wait has lasted for a while. Returns what is to be called when it is over. */
export function whenItLasts(action: () => void): () => void {
  const wait: Lasting = { action };
  young.push(wait);
  if (!runs) again();
  return () => {
    wait.action = undefined;
  };
}

function again(): void {
  runs = true;
  later(() => {
    const due = older;
    older = young;
    young = [];
    runs = false;
    if (older.length > 0) again();
    for (const { action } of due) action?.();
  }, LATE).unref();
}

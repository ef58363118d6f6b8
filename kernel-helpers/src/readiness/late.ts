/*
 * What is to be done for a wait only when it lasts: most are over within microseconds, and would pay for it in vain. One timer serves all.
 */

/** From when on a wait lasts: one to two times so many milliseconds. */
const LATE = 5;

/** What is told that it lasts. */
interface Told {
  lasts(): void;
}

/** Stands for a wait until the timer has come. */
export class Lasting {
  constructor(private wait: Told | undefined) {}

  /** It is over: what the wait holds is garbage then, and must not wait here for the timer. */
  over(): void {
    this.wait = undefined;
  }

  tell(): void {
    this.wait?.lasts();
  }
}

/** Before anybody can replace it. */
const later = setTimeout;

let young: Lasting[] = [];
let older: Lasting[] = [];
let runs = false;

/** Has a wait told when it has lasted for a while. Returns what is to be told when it is over. */
export function whenItLasts(wait: Told): Lasting {
  const lasting = new Lasting(wait);
  young.push(lasting);
  if (!runs) again();
  return lasting;
}

function again(): void {
  runs = true;
  later(() => {
    const due = older;
    older = young;
    young = [];
    runs = false;
    if (older.length > 0) again();
    for (const lasting of due) lasting.tell();
  }, LATE).unref();
}

/*
 * What is to be done for a wait only when it lasts: most are over within microseconds, and would pay for it in vain. One timer serves all.
 */

/** From when on a wait lasts: one to two times so many milliseconds. */
const LATE = 5;
/**
 * The same for a wait of a server's conversation. Most of them last longer than the others, each for as long as its client has nothing to say:
 * with 10,000 clients the question was asked, and its record kept, for every request.
 */
const LATE_IN_BACKGROUND = 1000;

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

/** Waits of one kind, the young ones and those that one round of the timer has passed. */
class Waits {
  private young: Lasting[] = [];
  private older: Lasting[] = [];
  private runs = false;

  constructor(private readonly round: number) {}

  add(lasting: Lasting): void {
    this.young.push(lasting);
    if (!this.runs) this.again();
  }

  private again(): void {
    this.runs = true;
    later(() => {
      const due = this.older;
      this.older = this.young;
      this.young = [];
      this.runs = false;
      if (this.older.length > 0) this.again();
      for (const lasting of due) lasting.tell();
    }, this.round).unref();
  }
}

const usual = new Waits(LATE);
const inBackground = new Waits(LATE_IN_BACKGROUND);

/** Has a wait told when it has lasted for a while. Returns what is to be told when it is over. */
export function whenItLasts(wait: Told, background: boolean): Lasting {
  const lasting = new Lasting(wait);
  (background ? inBackground : usual).add(lasting);
  return lasting;
}

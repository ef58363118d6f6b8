import { KNOCKS, LAST_RUN, LOCK, Lock, lockOf, PARKED, PENDING, WANTED } from "./flags";

/*
 * Sections of code that an interrupt does not end in the middle.
 *
 * While a cell runs its synchronous part, Node ends its JavaScript wherever that just is, and no `finally` of it runs. Between close(2) and
 * its book-keeping that left a socket which nobody could close any more. So the first section of a cell asks the thread that watches
 * (interrupt-thread.ts) to hear signals before the cell does. From then on the thread passes them on: when no section is under way, and
 * best at the beginning of the next one, where the learner's line has kept what the one before has returned.
 *
 * The two agree by one number, LOCK: who enters a section makes OPEN INSIDE, who ends the cell makes OPEN ENDING, and only one of them can.
 */

/** How long the main thread waits for the thread that watches, before it does without: milliseconds. */
const PATIENCE = 2000;
/** How often it looks again meanwhile. */
const EVERY = 100;
/** How long after a system call that a signal has interrupted the thread may take to say that it was an interrupt of the cell: milliseconds. */
const SAYS = 100;

/** Before anybody can replace them. */
const now = performance.now.bind(performance);
const { add, compareExchange, exchange, load, notify, store, wait } = Atomics;

/** What is offered to code in cells under `globalThis[Symbol.for("socket-workshop.sections")]`. */
export class Sections {
  /** How many sections are under way, one inside the other. */
  #depth = 0;
  /** Counts the synchronous parts of cells. */
  #count = 0;
  /** The one that is under way and guarded; 0 when none is. */
  #run = 0;
  #open = 0;
  #inside = 0;
  /** Whether the section under way has the lock. */
  #isTaken = false;
  #signalCame = false;

  constructor(readonly flags: Int32Array) {}

  /** Begins a section. What was asked to end ends here. */
  enter(): void {
    if (this.#depth++ > 0 || this.#run === 0) return;
    if (this.flags[PENDING] === this.#run || !this.#take()) this.#waitAndTake();
  }

  /**
   * Does in a section what the kernel does when a cell prints. No interrupt ends at its beginning: the code before it may not have kept yet what
   * it has got. And it does not wait for the thread: a cell that only prints is not to pay for that. What it prints first is not guarded.
   */
  printing(action: () => void): void {
    this.#enterToPrint();
    try {
      action();
    } finally {
      this.leave();
    }
  }

  #enterToPrint(): void {
    if (this.#depth++ > 0 || this.#run === 0 || this.#take()) return;
    if (load(this.flags, LOCK) === lockOf(this.#run, Lock.UNGUARDED)) this.#ask(WANTED);
    else this.#waitAndTake();
  }

  /** Ends a section. */
  leave(): void {
    if (this.#depth === 0 || --this.#depth > 0 || !this.#isTaken) return;
    this.#isTaken = false;
    store(this.flags, LOCK, this.#open);
    if (this.#signalCame) this.#hear();
  }

  /** A system call was interrupted by a signal. If that is an interrupt of the cell, it ends behind this section, and not with the call's error. */
  interrupted(): void {
    this.#signalCame = true;
  }

  #hear(): void {
    this.#signalCame = false;
    const until = now() + SAYS;
    while (this.flags[PENDING] !== this.#run && now() < until) wait(this.flags, LOCK, this.#open, 1);
    if (this.flags[PENDING] !== this.#run) return;
    this.enter();
    this.leave();
  }

  /** Whether one is under way. */
  get any(): boolean {
    return this.#depth > 0;
  }

  /** A cell begins its synchronous part: it is compiled. */
  cellBegins(): void {
    this.#count = (this.#count % LAST_RUN) + 1;
    store(this.flags, LOCK, lockOf(this.#count, Lock.UNGUARDED));
  }

  /** From now on only the cell's own script calls: before it is under way, it cannot be guarded. */
  cellRuns(): void {
    this.unwound();
    this.#signalCame = false;
    this.#run = this.#count;
    this.#open = lockOf(this.#run, Lock.OPEN);
    this.#inside = lockOf(this.#run, Lock.INSIDE);
  }

  /** It has ended it, or was ended in it. */
  cellEnds(): void {
    this.unwound();
    this.#run = 0;
    store(this.flags, LOCK, 0);
    notify(this.flags, LOCK);
    this.#knock();
  }

  /** What was under way was ended in the middle. */
  unwound(): void {
    this.#depth = 0;
    this.#isTaken = false;
  }

  #take(): boolean {
    this.#isTaken = compareExchange(this.flags, LOCK, this.#open, this.#inside) === this.#open;
    return this.#isTaken;
  }

  /** Has the cell guarded, or ended. The end of it breaks the wait. */
  #waitAndTake(): void {
    const until = now() + PATIENCE;
    // Each round begins with a look at whether this code was ended meanwhile, as V8 does it at the beginning of loops.
    for (let mayEnter = false; !mayEnter; ) {
      const lock = load(this.flags, LOCK);
      const ends = this.flags[PENDING] === this.#run;
      if (lock === this.#open && !ends) mayEnter = this.#take();
      else if (now() >= until) {
        // There is no thread, or the machine is too busy: as without it.
        this.#run = 0;
        return;
      } else {
        if (ends) this.#ask(PARKED);
        else if (lock !== this.#open) this.#ask(WANTED);
        wait(this.flags, LOCK, lock, EVERY);
      }
    }
  }

  #ask(what: typeof PARKED | typeof WANTED): void {
    if (exchange(this.flags, what, this.#run) !== this.#run) this.#knock();
  }

  #knock(): void {
    add(this.flags, KNOCKS, 1);
    notify(this.flags, KNOCKS);
  }
}

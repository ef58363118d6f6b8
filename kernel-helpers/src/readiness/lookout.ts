import type { Direction } from "./poller";

/*
 * Waits that have begun, and for which nothing is armed yet: the main thread arms after a turn of its event loop, which spares most
 * wake-ups, but a cell that computes makes no turn. So that the moment at which such a wait was over is known all the same, the waiting
 * thread looks at their descriptors every few milliseconds. It only looks: nothing is registered, and nobody is told.
 *
 * The two threads share a table. A place in it belongs to one wait at a time: the main thread gives it a number that is never used again,
 * and the other thread writes down for which number it has found the descriptor ready, and when.
 */

/** How many waits can be looked after at once. One more is found when the event loop comes to it. */
const PLACES = 256;
const NONE = -1;

/** How often the thread looks, in milliseconds, and for how long after the last wait it goes on with that. */
const EVERY = 5;
const LINGER = 250;

/** What the threads share. */
export interface LookoutTable {
  /** Whether the thread sleeps for long, and has to be woken for a new wait. */
  readonly asleep: Int32Array;
  /** For each place: the descriptor, or NONE. */
  readonly fds: Int32Array;
  /** 1 for a wait to send, 0 for one to receive. */
  readonly out: Int32Array;
  /** Which wait has the place. */
  readonly numbers: Int32Array;
  /** For which wait the time was written down. */
  readonly readyFor: Int32Array;
  /** That time, on the clock that all threads share. */
  readonly readyAt: Float64Array;
}

/** The main thread's side. */
export class Lookout {
  readonly table: LookoutTable;
  private readonly free = Array.from({ length: PLACES }, (_, i) => PLACES - 1 - i);
  private number = 0;

  /** @param wake makes the thread's system call return */
  constructor(private readonly wake: () => void) {
    const words = () => new Int32Array(new SharedArrayBuffer(4 * PLACES));
    this.table = {
      asleep: new Int32Array(new SharedArrayBuffer(4)),
      fds: words().fill(NONE),
      out: words(),
      numbers: words(),
      readyFor: words(),
      readyAt: new Float64Array(new SharedArrayBuffer(8 * PLACES)),
    };
  }

  /** @returns the place of the wait, or undefined when all are taken */
  begin(fd: number, direction: Direction): number | undefined {
    const place = this.free.pop();
    if (place === undefined) return undefined;
    const { asleep, fds, out, numbers } = this.table;
    this.number = (this.number + 1) | 0;
    Atomics.store(numbers, place, this.number);
    Atomics.store(out, place, direction === "out" ? 1 : 0);
    Atomics.store(fds, place, fd);
    if (Atomics.exchange(asleep, 0, 0) === 1) this.wake();
    return place;
  }

  /** @returns when the descriptor was found ready, on the clock that all threads share; undefined if it was not */
  end(place: number | undefined): number | undefined {
    if (place === undefined) return undefined;
    const { fds, numbers, readyFor, readyAt } = this.table;
    Atomics.store(fds, place, NONE);
    this.free.push(place);
    return Atomics.load(readyFor, place) === numbers[place] ? readyAt[place] : undefined;
  }
}

/** A descriptor that is to be looked at. */
export interface LookedAt {
  readonly fd: number;
  readonly direction: Direction;
  /** Writes down that it is ready. */
  found(at: number): void;
}

/** The waiting thread's side. */
export class LookoutThread {
  /** Until when it looks often. */
  private until = 0;
  /** It lay down for long the last time, and was to be woken. */
  private slept = false;

  constructor(private readonly table: LookoutTable) {}

  /** The waits that have not been found ready. */
  waits(): LookedAt[] {
    const { fds, out, numbers, readyFor, readyAt } = this.table;
    const list: LookedAt[] = [];
    for (let place = 0; place < PLACES; place++) {
      // The number first: a time that belongs to the wait before is then written down for that.
      const number = Atomics.load(numbers, place);
      const fd = Atomics.load(fds, place);
      if (fd === NONE || Atomics.load(readyFor, place) === number) continue;
      list.push({
        fd,
        direction: Atomics.load(out, place) === 1 ? "out" : "in",
        found: (at) => {
          readyAt[place] = at;
          Atomics.store(readyFor, place, number);
        },
      });
    }
    return list;
  }

  /**
   * How long the thread may sleep. In use, it looks often, and needs no wake-up for each wait.
   *
   * @param longest when there has been nothing to look at for a while
   */
  sleep(now: number, longest: number): number {
    const { asleep } = this.table;
    if (this.slept && Atomics.load(asleep, 0) === 0) this.until = now + LINGER;
    this.slept = now >= this.until;
    // Before the look: a wait that begins after it finds the thread asleep, and wakes it.
    if (this.slept) Atomics.store(asleep, 0, 1);
    if (this.waits().length > 0) {
      Atomics.store(asleep, 0, 0);
      this.until = now + LINGER;
      this.slept = false;
    }
    return this.slept ? longest : EVERY;
  }
}

import { withContext } from "../libc/funnel";
import { type Line, PendingWait } from "./pending-wait";
import type { Direction, Ready } from "./poller";
import { type Reactor, reactor } from "./reactor";
import type { Attempt, WaitTerms } from "./wait-terms";
import type { Waiter } from "./waiter";

/**
 * A descriptor that is ready so often in a row, while the call still would block, is looked at only every PAUSE milliseconds. Linux says so
 * of a Unix-domain datagram socket that has room while the receiver has none: without the pause this took a whole processor.
 */
const IN_VAIN = 8;
const PAUSE = 10;

/** How often in a row something may come that nobody waits for, before the descriptor is left alone. */
const UNASKED = 4;

/** A descriptor that can be waited for: one queue for each direction, first in, first out. */
export class Registration {
  private readonly key: number;
  private readonly lines: Record<Direction, Line>;
  private scheduled = false;
  /** The directions for which nothing is armed since a wait has begun: what tells when it was found ready. */
  private readonly unarmed: Partial<Record<Direction, () => number | undefined>> = {};
  private released = false;
  /** Nothing is there to receive, and nothing has come since. */
  private drained = false;
  /** The end has come, or urgent data: a receive stops before it, however much there is. */
  private comesApart = false;
  private inVain = 0;
  private pauses = false;
  private unaskedFor = 0;
  /** A call has not looked at all that was there. */
  private leftOver = false;

  /** @param context on whose behalf the waiting calls are recorded */
  constructor(
    readonly fd: number,
    private readonly context: object,
    private readonly loop: Reactor = reactor(),
    /** Whether a receive is not even tried where it is known that nothing is there. */
    private readonly skips = false,
  ) {
    this.key = this.loop.add(this);
    this.lines = { in: { queue: [], loop: this.loop }, out: { queue: [], loop: this.loop } };
  }

  /** Whether no call waits in this direction. */
  isFree(direction: Direction): boolean {
    return this.lines[direction].queue.length === 0;
  }

  /**
   * A TCP socket has given less than was asked for: it is empty, and what comes from now on will be told. (epoll(7) says so of edge-triggered
   * descriptors. But a receive stops before the end and before urgent data, too.)
   */
  gaveLess(): void {
    this.drained = this.skips && !this.comesApart && this.loop.poller.watches(this.fd, this.key);
  }

  /** Whether a receive would block for sure, so that it need not be tried. */
  get isEmpty(): boolean {
    return this.drained && this.loop.poller.watches(this.fd, this.key);
  }

  /** The call that waits longest in this direction. */
  first(direction: Direction): Waiter | undefined {
    return this.lines[direction].queue[0];
  }

  /** How many calls wait. */
  get waiting(): number {
    return this.lines.in.queue.length + this.lines.out.queue.length;
  }

  /**
   * Makes a call that would have to wait, as soon as the system says that it need not. It was tried already, or cannot tell yet.
   *
   * It is tried once more after the event loop had a turn, before anything is armed: when both ends are in one process this spares most
   * wake-ups of the other thread.
   */
  wait<T>(direction: Direction, call: Attempt<T>, terms: WaitTerms<T>): Promise<T> {
    terms.onWait?.();
    const pending = new PendingWait(this.lines[direction], call, terms);
    try {
      this.begin(direction, pending);
    } catch (error) {
      // The thread could not be started: no descriptor is left for it.
      pending.fail(error);
    }
    return pending.promise;
  }

  private begin<T>(direction: Direction, pending: PendingWait<T>): void {
    pending.begin();
    if (pending.isOver || this.isTold(direction, pending)) return;
    // A server's conversation will wait again and again.
    if (this.skips && direction === "in") this.arm(true);
    else this.schedule(direction);
  }

  /** Told by the reactor that the descriptor is ready. */
  ready(directions: Ready, at: number): void {
    if (directions.in) this.drained = false;
    if (directions.apart) this.comesApart = true;
    if (!directions.in && !directions.out) return;
    const before = this.waiting;
    if (before === 0) {
      this.unasked();
      return;
    }
    this.unaskedFor = 0;
    this.leftOver = false;
    this.advance(directions, { in: at, out: at });
    const vain = this.waiting === before;
    this.inVain = vain ? this.inVain + 1 : 0;
    if (this.inVain < IN_VAIN) this.arm(vain || this.leftOver);
    else this.armAfterPause();
  }

  private armAfterPause(): void {
    if (this.pauses) return;
    this.pauses = true;
    setTimeout(() => {
      this.pauses = false;
      this.arm(true);
    }, PAUSE).unref();
  }

  /** Something has come, and nobody waits for it. A flood that nobody receives would have the event loop come round for each of its packets. */
  private unasked(): void {
    this.unaskedFor += 1;
    if (this.unaskedFor < UNASKED) return;
    this.unaskedFor = 0;
    withContext(this.context, () => this.loop.poller.quiet(this.fd, this.key));
  }

  /** Whether all that comes from now on will be told without further ado: the call was tried, and nothing was there. */
  private isTold(direction: Direction, pending: Waiter): boolean {
    return direction === "in" && pending.leavesMore?.() !== true && this.loop.poller.watches(this.fd, this.key);
  }

  /** Ends every wait and forgets the descriptor. To be called before close(2). */
  release(): void {
    if (this.released) return;
    this.released = true;
    this.loop.remove(this.key);
    withContext(this.context, () => this.loop.poller.disarm(this.fd, this.key));
    for (const waiter of this.waiters()) waiter.close();
  }

  private waiters(): Waiter[] {
    return [...this.lines.in.queue, ...this.lines.out.queue];
  }

  private schedule(direction: Direction): void {
    this.unarmed[direction] ??= this.loop.poller.lookAfter(this.fd, direction);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      const directions = { in: this.unarmed.in !== undefined, out: this.unarmed.out !== undefined };
      const at = { in: this.found("in"), out: this.found("out") };
      this.advance(directions, at);
      this.arm(true);
    });
  }

  /** When a wait for which nothing was armed was found ready, if it was. It is looked after no longer. */
  private found(direction: Direction): number | undefined {
    const at = this.unarmed[direction]?.();
    this.unarmed[direction] = undefined;
    return at;
  }

  /** A connect waits for "out", and must hear of its own failure before a recv that waits beside it does: the system tells it once. */
  private advance(
    directions: { in: boolean; out: boolean },
    at: { in: number | undefined; out: number | undefined },
  ): void {
    if (directions.out) this.drain("out", at.out);
    if (directions.in) this.drain("in", at.in);
  }

  private drain(direction: Direction, at: number | undefined): void {
    const { queue } = this.lines[direction];
    while (queue[0]?.advance(at)) {
      // The next in the queue.
    }
    this.leftOver ||= queue[0]?.leavesMore?.() === true;
  }

  private arm(again: boolean): void {
    if (this.released || this.waiting === 0) return;
    const directions = { in: !this.isFree("in"), out: !this.isFree("out"), apart: this.skips };
    try {
      withContext(this.context, () => this.loop.poller.arm(this.fd, this.key, directions, again));
    } catch (error) {
      // The descriptor was closed behind the registration, or is a file: nobody can wait for it.
      for (const waiter of this.waiters()) waiter.fail(error);
    }
  }
}

import { startedBy, within } from "../cells/cell";
import { inSilence, isSilent } from "../cells/silence";
import { withContext } from "../libc/funnel";
import { onAbort } from "./aborting";
import { UsualDeadline } from "./deadline";
import { whenItLasts } from "./late";
import type { Direction, Ready } from "./poller";
import { type Reactor, reactor } from "./reactor";
import { Wait } from "./wait";
import type { Waiter } from "./waiter";

/** What an attempt returns when the call would have to wait. */
export const WOULD_BLOCK = Symbol("would block");

/** The reason of a signal that ends a wait as an interrupt of the cell does. */
export const INTERRUPTED = Symbol("interrupted");

/** The reason of a signal that ends a wait as its deadline does, after so many milliseconds. */
export class Expired {
  constructor(
    readonly milliseconds: number,
    /** Whether the call stands alone in its cell. */
    readonly alone: boolean,
  ) {}
}

/** Tries the call once: its value, WOULD_BLOCK, or a throw. */
export type Attempt<T> = () => T | typeof WOULD_BLOCK;

/** What is agreed with a call that waits. */
export interface WaitTerms<T = unknown> {
  /** The deadline in milliseconds. Without one, `defaultTimeout` starts when a running cell awaits. */
  timeout?: number | undefined;
  defaultTimeout: number;
  /** Asks for another deadline, in milliseconds from the beginning, once the wait has lasted for a while; 0 for none. */
  lateTimeout?: (() => number) | undefined;
  signal?: AbortSignal | undefined;
  /** A wait of a background server: an interrupt of the kernel leaves it alone. */
  background?: boolean | undefined;
  /** The first attempt is not made: it was made already, or cannot tell yet. */
  afterFirstAttempt?: boolean | undefined;
  /** Called when the first attempt would block. */
  onWait?: (() => void) | undefined;
  /**
   * Called before the call is tried again, with the time at which the system has told that it need not wait any longer: the event loop may
   * come to it much later. Undefined where that is not known, and after a try that still would block.
   */
  onReady?: ((at: number | undefined) => void) | undefined;
  /** Whether there can be more although the call would block: it has not looked at all that was there. */
  more?: (() => boolean) | undefined;
  /** What it is, for words about it: "recv (cell 3)". */
  label?: string | undefined;
  /** What the call has done so far: the deadline begins anew when that has grown. */
  progress?: (() => number) | undefined;
  /** Makes the error of a passed deadline. `alone`: whether the call stands alone in its cell, where somebody else has found that out. */
  timeoutError: (milliseconds: number, alone?: boolean) => Error;
  /** Makes the error of an interrupt. */
  interruptError: () => Error;
  /** Makes the error of a descriptor that is closed while the call waits. */
  closedError: () => Error;
  /** Called when the wait ends without success, before its promise is rejected. */
  onFailure?: ((error: unknown) => void) | undefined;
  /** What has been reached so far, after a wait that was given up: with it the wait ends well, unless it is undefined. */
  reached?: (() => T | undefined) | undefined;
}

/** Deadlines longer than a timer can hold (24.8 days) are no deadlines. */
const LONGEST_TIMER = 0x7fffffff;

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
  private readonly queues: Record<Direction, Waiter[]> = { in: [], out: [] };
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
  }

  /** Whether no call waits in this direction. */
  isFree(direction: Direction): boolean {
    return this.queues[direction].length === 0;
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
    return this.queues[direction][0];
  }

  /** How many calls wait. */
  get waiting(): number {
    return this.queues.in.length + this.queues.out.length;
  }

  /**
   * Makes the call now if it can be made now, else as soon as the system says that it can.
   *
   * The call is tried before anything is armed, and once more after the event loop had a turn: when both ends are in one process this
   * spares most wake-ups of the other thread.
   */
  wait<T>(direction: Direction, attempt: Attempt<T>, options: WaitTerms<T>): Wait<T> {
    const queue = this.queues[direction];
    let startDeadline: (() => void) | undefined;
    const wait = new Wait<T>((resolve, reject) => {
      if (queue.length === 0 && !options.afterFirstAttempt && !options.signal?.aborted) {
        try {
          const value = attempt();
          if (value !== WOULD_BLOCK) return resolve(value);
        } catch (error) {
          options.onFailure?.(error);
          return reject(error);
        }
      }
      options.onWait?.();
      startDeadline = this.enqueue(direction, attempt, options, resolve, reject);
    });
    return startDeadline === undefined ? wait : wait.onAwait(startDeadline);
  }

  /** @returns to be called whenever the wait is awaited: it starts the usual deadline */
  private enqueue<T>(
    direction: Direction,
    attempt: Attempt<T>,
    options: WaitTerms<T>,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ): () => void {
    const queue = this.queues[direction];
    let timer: NodeJS.Timeout | undefined;
    let over = false;
    let withdraw: (() => void) | undefined;
    let short: (() => void) | undefined;
    const silent = isSilent();
    const run = startedBy();
    const finish = (settle: () => void): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      usual.cancel();
      withdraw?.();
      short?.();
      const at = queue.indexOf(waiter);
      if (at >= 0) queue.splice(at, 1);
      this.loop.ended(waiter);
      settle();
    };
    const fail = (error: unknown): void =>
      finish(() => {
        within(run, () => options.onFailure?.(error));
        const reached = options.reached?.();
        if (reached === undefined) reject(error);
        else resolve(reached);
      });
    const aborted = (): void => {
      const reason: unknown = options.signal?.reason;
      if (reason === INTERRUPTED) fail(options.interruptError());
      else fail(reason instanceof Expired ? options.timeoutError(reason.milliseconds, reason.alone) : reason);
    };
    const startDeadline = (milliseconds: number, passed = 0): void => {
      if (timer !== undefined || over || milliseconds > LONGEST_TIMER) return;
      const before = options.progress?.();
      timer = setTimeout(() => {
        timer = undefined;
        if (options.progress?.() === before) fail(options.timeoutError(milliseconds));
        else startDeadline(milliseconds);
      }, milliseconds - passed).unref();
    };
    const { lateTimeout } = options;
    if (lateTimeout !== undefined) {
      const began = performance.now();
      short = whenItLasts(() => {
        const limit = within(run, lateTimeout);
        if (limit <= 0) return;
        clearTimeout(timer);
        timer = undefined;
        startDeadline(limit, performance.now() - began);
      });
    }
    const usual = new UsualDeadline(options.defaultTimeout, () => fail(options.timeoutError(options.defaultTimeout)));
    const waiter: Waiter = {
      before: undefined,
      after: undefined,
      done: false,
      run,
      background: options.background ?? false,
      label: options.label,
      fail,
      interrupt: () => {
        fail(options.interruptError());
        return true;
      },
      close: () => fail(options.closedError()),
      advance: (at) => {
        try {
          options.onReady?.(at);
          const value = within(run, () => inSilence(silent, attempt));
          if (value === WOULD_BLOCK) {
            options.onReady?.(undefined);
            this.leftOver ||= options.more?.() === true;
            return false;
          }
          waiter.done = true;
          finish(() => resolve(value));
        } catch (error) {
          fail(error);
        }
        return true;
      },
    };
    queue.push(waiter);
    this.loop.began(waiter);
    if (options.signal?.aborted) aborted();
    else if (options.signal !== undefined) withdraw = onAbort(options.signal, aborted);
    if (options.timeout === 0) fail(options.timeoutError(0));
    else if (options.timeout !== undefined) startDeadline(options.timeout);
    if (!over && !this.isTold(direction, options)) {
      // A server's conversation will wait again and again.
      if (this.skips && direction === "in") this.arm(true);
      else this.schedule(direction);
    }
    return () => {
      if (options.timeout === undefined && !over) usual.awaited();
    };
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
  private isTold<T>(direction: Direction, { more }: WaitTerms<T>): boolean {
    return direction === "in" && more?.() !== true && this.loop.poller.watches(this.fd, this.key);
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
    return [...this.queues.in, ...this.queues.out];
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
    const queue = this.queues[direction];
    while (queue[0]?.advance(at)) {
      // The next in the queue.
    }
  }

  private arm(again: boolean): void {
    if (this.released || this.waiting === 0) return;
    const directions = { in: this.queues.in.length > 0, out: this.queues.out.length > 0, apart: this.skips };
    try {
      withContext(this.context, () => this.loop.poller.arm(this.fd, this.key, directions, again));
    } catch (error) {
      // The descriptor was closed behind the registration, or is a file: nobody can wait for it.
      for (const waiter of this.waiters()) waiter.fail(error);
    }
  }
}

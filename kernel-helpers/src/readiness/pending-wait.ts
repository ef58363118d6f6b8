import { isOf } from "../bytes/arguments";
import { startedBy, within } from "../cells/cell";
import { inSilence, isSilent } from "../cells/silence";
import { isAborted, onAbort, reasonOf } from "./aborting";
import { UsualDeadline } from "./deadline";
import { type Lasting, whenItLasts } from "./late";
import type { Reactor } from "./reactor";
import { lookAt, plainlySettledBy, type Settlers, Wait } from "./wait";
import { type Attempt, Expired, INTERRUPTED, type WaitTerms, WOULD_BLOCK } from "./wait-terms";
import type { Waiter } from "./waiter";

/** Deadlines longer than a timer can hold (24.8 days) are no deadlines. */
const LONGEST_TIMER = 0x7fffffff;

/** Where a wait stands in line, and who is to know of it. */
export interface Line {
  /** Of all that wait for the same direction of a descriptor, first in, first out. */
  readonly queue: Waiter[];
  readonly loop: Reactor;
}

/** Until the promise is made, in the constructor. */
const unsettled = (): void => {};

/**
 * A call that waits, from its first try to its end.
 *
 * One object, and no function made for it alone: a server has one for each request, and with a dozen of functions each the collector had more
 * to do than the rest of the wait.
 */
export class PendingWait<T> implements Waiter, Settlers<T> {
  before: Waiter | undefined = undefined;
  after: Waiter | undefined = undefined;
  done = false;
  readonly run = startedBy();
  private readonly silent = isSilent();
  private over = false;
  private timer: NodeJS.Timeout | undefined = undefined;
  private usual: UsualDeadline | undefined = undefined;
  private withdraw: (() => void) | undefined = undefined;
  private lasting: Lasting | undefined = undefined;
  /** When it began, where another deadline may count from that. */
  private began = 0;
  resolve: (value: T) => void = unsettled;
  reject: (error: unknown) => void = unsettled;
  /** How it ends. */
  readonly promise: Promise<T>;

  constructor(
    private readonly line: Line,
    private readonly call: Attempt<T>,
    private readonly terms: WaitTerms<T>,
  ) {
    this.promise = terms.plain === true ? plainlySettledBy(this) : Wait.settledBy(this).onAwait(this);
  }

  get background(): boolean {
    return this.terms.background ?? false;
  }

  get label(): string | undefined {
    return this.terms.label;
  }

  get isOver(): boolean {
    return this.over;
  }

  /** Takes its place in the line. It may be over at once. */
  begin(): void {
    const { terms } = this;
    const { signal, timeout } = terms;
    if (terms.asksLater === true) {
      this.began = performance.now();
      this.lasting = whenItLasts(this, this.background);
    }
    this.line.queue.push(this);
    this.line.loop.began(this);
    if (signal !== undefined && isAborted(signal)) this.aborted();
    else if (signal !== undefined) this.withdraw = onAbort(signal, () => this.aborted());
    if (timeout === 0) this.fail(terms.timeoutError(0));
    else if (timeout !== undefined) this.startDeadline(timeout);
  }

  /** It is awaited: that starts the usual deadline. */
  awaited(): void {
    const { terms } = this;
    if (terms.timeout !== undefined || this.over) return;
    this.usual ??= new UsualDeadline(terms.defaultTimeout, () => this.fail(terms.timeoutError(terms.defaultTimeout)));
    this.usual.awaited();
  }

  /** It has lasted for a while. */
  lasts(): void {
    const limit = within(this.run, () => this.terms.lateTimeout?.() ?? 0);
    if (limit <= 0) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.startDeadline(limit, performance.now() - this.began);
  }

  fail(error: unknown): void {
    if (!this.end()) return;
    let reached: T | undefined;
    try {
      within(this.run, () => this.terms.onFailure?.(error));
      reached = this.terms.reached?.();
    } finally {
      // Whatever the noting of it comes to: a wait that is over and was not settled could be ended by nothing any more.
      this.settle(error, reached);
    }
  }

  private settle(error: unknown, reached: T | undefined): void {
    if (reached !== undefined) {
      this.resolve(reached);
      return;
    }
    this.reject(error);
    if (this.terms.plain !== true) lookAt(this.promise);
  }

  interrupt(): boolean {
    this.fail(this.terms.interruptError());
    return true;
  }

  close(): void {
    this.fail(this.terms.closedError());
  }

  advance(at: number | undefined): boolean {
    const { terms } = this;
    try {
      terms.onReady?.(at);
      const value = this.tryAgain();
      if (value === WOULD_BLOCK) {
        terms.onReady?.(undefined);
        return false;
      }
      this.done = true;
      if (this.end()) this.resolve(value);
    } catch (error) {
      this.fail(error);
    }
    return true;
  }

  leavesMore(): boolean {
    return this.terms.more?.() === true;
  }

  /** As the code that has begun it. */
  private tryAgain(): T | typeof WOULD_BLOCK {
    const { run, silent, call } = this;
    if (run === startedBy() && silent === isSilent()) return call.attempt();
    return within(run, () => inSilence(silent, () => call.attempt()));
  }

  /** @returns false when it was over already */
  private end(): boolean {
    if (this.over) return false;
    this.over = true;
    if (this.timer !== undefined) clearTimeout(this.timer);
    this.usual?.cancel();
    this.withdraw?.();
    this.lasting?.over();
    const { queue, loop } = this.line;
    const at = queue.indexOf(this);
    if (at >= 0) queue.splice(at, 1);
    loop.ended(this);
    return true;
  }

  private aborted(): void {
    const { terms } = this;
    const reason = terms.signal && reasonOf(terms.signal);
    if (reason === INTERRUPTED) this.fail(terms.interruptError());
    else this.fail(isOf(reason, Expired) ? terms.timeoutError(reason.milliseconds, reason.alone) : reason);
  }

  private startDeadline(milliseconds: number, passed = 0): void {
    if (this.timer !== undefined || this.over || milliseconds > LONGEST_TIMER) return;
    const { terms } = this;
    const before = terms.progress?.();
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (terms.progress?.() === before) this.fail(terms.timeoutError(milliseconds));
      else this.startDeadline(milliseconds);
    }, milliseconds - passed).unref();
  }
}

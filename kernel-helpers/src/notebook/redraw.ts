/** At most ten drawings a second. */
const INTERVAL = 100;
/** And at most a tenth of the time: a picture with many marks takes longer, and the system's tables can be slow to read. */
const PAUSE = 10;
/** But nobody looks longer at what is not so any more, unless a drawing takes longer itself. */
const LONGEST = 3000;

/** Draws something again whenever it has changed, but not more often than anybody can see. */
export class Redraw {
  private timer: NodeJS.Timeout | undefined;
  private last = Number.NEGATIVE_INFINITY;
  /** What the last drawing took, in milliseconds. */
  private cost = 0;

  constructor(private readonly draw: () => void) {}

  /** Draws now. */
  now(): void {
    this.stop();
    const start = performance.now();
    this.draw();
    this.last = performance.now();
    this.cost = this.last - start;
  }

  /** Draws soon, once for everything that changes until then. */
  soon(): void {
    const pause = Math.min(PAUSE * this.cost, Math.max(LONGEST, this.cost));
    const wait = Math.max(INTERVAL, pause) - (performance.now() - this.last);
    this.timer ??= setTimeout(() => this.now(), Math.max(wait, 0)).unref();
  }

  /** Draws no more, until told again. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}

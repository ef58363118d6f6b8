/** At most ten drawings a second. */
const INTERVAL = 100;
/** And at most a tenth of the time: a picture with many marks takes longer, and the system's tables can be slow to read. */
const PAUSE = 10;

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
    const wait = Math.max(INTERVAL, PAUSE * this.cost) - (performance.now() - this.last);
    this.timer ??= setTimeout(() => this.now(), Math.max(wait, 0)).unref();
  }

  /** Draws no more, until told again. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}

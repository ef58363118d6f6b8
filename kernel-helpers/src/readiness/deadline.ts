import { isForeground, startedBy } from "../cells/cell";

/**
 * The usual deadline of a wait: for what a running cell awaits, so that the learner is told what is missing. What goes on after its cell has
 * ended, such as a server's loop, waits as long as it takes: nobody looks at it.
 */
export class UsualDeadline {
  private timer: NodeJS.Timeout | undefined;
  /** The run of a cell for which it began. */
  private run: unknown;

  /**
   * @param milliseconds how long; Infinity for none
   * @param passed called when it has passed and the cell that awaits still runs
   */
  constructor(
    private readonly milliseconds: number,
    private readonly passed: () => void,
  ) {}

  /** The wait is awaited, by the code in progress: its deadline begins, unless it has begun already for the same run. */
  awaited(): void {
    const run = startedBy();
    if (this.milliseconds === Number.POSITIVE_INFINITY || !isForeground(run)) return;
    if (this.timer !== undefined && run === this.run) return;
    this.cancel();
    this.run = run;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (isForeground(run)) this.passed();
    }, this.milliseconds).unref();
  }

  cancel(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}

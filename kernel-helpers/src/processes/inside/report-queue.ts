import { CALLS_OF_STEP, FIRST_CALLS_OF_STEP } from "../../trace";
import type { Report } from "../messages";

/** How many messages may be on their way before the others wait for them: the pipe takes most of them at once. */
const UNDER_WAY = 16;
/** How many calls of helpers are kept for a notebook that does not read; the oldest go first. */
const HELPERS_KEPT = 1000;

type Called = Extract<Report, { tell: "called" }>;

/**
 * What this process has to tell, in the order in which it happened.
 *
 * A notebook can stand still for as long as a cell computes, while a call that waits here is tried again and again: a blocked sendto on a
 * Unix-domain socket 95 times a second. What waits to be told is bounded as the record is: of a step the first and the last calls.
 */
export class ReportQueue {
  private readonly reports = new Set<Report>();
  private readonly callsOf = new Map<number, Called[]>();
  private helpers: Report[] = [];
  private underWay = 0;

  /** @param write sends a message; `sent` is to be called when the pipe has taken it */
  constructor(private readonly write: (reports: Report[], sent: () => void) => void) {}

  /** How many reports wait. */
  get length(): number {
    return this.reports.size;
  }

  add(report: Report): void {
    if (this.underWay < UNDER_WAY) this.reports.add(report);
    else if (report.tell === "called") this.addCall(report);
    else if (report.tell === "backstage") this.addHelper(report);
    else this.reports.add(report);
  }

  /** Sends what waits in one message, unless too many are on their way: then it goes as soon as one of those has arrived. */
  flush(): void {
    if (this.reports.size > 0 && this.underWay < UNDER_WAY) this.flushNow();
  }

  /** Sends what waits, however many messages are on their way. */
  flushNow(sent: () => void = () => {}): void {
    const reports = [...this.reports];
    this.reports.clear();
    this.callsOf.clear();
    this.helpers = [];
    this.underWay += 1;
    this.write(reports, () => {
      this.underWay -= 1;
      sent();
      this.flush();
    });
  }

  private addCall(report: Called): void {
    let calls = this.callsOf.get(report.step.id);
    if (calls === undefined) {
      calls = [];
      this.callsOf.set(report.step.id, calls);
    }
    if (calls.length === CALLS_OF_STEP) {
      const [out] = calls.splice(FIRST_CALLS_OF_STEP, 1) as [Called];
      this.reports.delete(out);
      // Those that were left out are counted by the call that is told next.
      const next = calls[FIRST_CALLS_OF_STEP]!;
      next.leftOut = (next.leftOut ?? 0) + (out.leftOut ?? 0) + 1;
    }
    calls.push(report);
    this.reports.add(report);
  }

  private addHelper(report: Report): void {
    this.helpers.push(report);
    this.reports.add(report);
    if (this.helpers.length <= 2 * HELPERS_KEPT) return;
    for (const old of this.helpers.splice(0, HELPERS_KEPT)) this.reports.delete(old);
  }
}

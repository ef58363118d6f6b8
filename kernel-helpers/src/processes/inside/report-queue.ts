import { CALLS_OF_STEP, FIRST_CALLS_OF_STEP, STEPS_KEPT } from "../../trace";
import type { HandleFacts, Report } from "../messages";

/** How many messages may be on their way before the others wait for them, and how much is in them: the pipe takes most of them at once. */
const UNDER_WAY = { messages: 16, reports: 5000 };
/** How many calls of helpers, sentences and states are kept for a notebook that does not read; the oldest go first. */
const OTHERS_KEPT = 1000;

type Called = Extract<Report, { tell: "called" }>;

/** What waits to be told of a step. */
interface Waiting {
  readonly calls: Called[];
  readonly reports: Report[];
  /** The notebook knows of it already, so it has to be told of its end. */
  readonly isKnown: boolean;
}

/**
 * What this process has to tell, in the order in which it happened.
 *
 * A notebook can stand still for as long as a cell computes, while a call that waits here is tried again and again (a blocked sendto on a
 * Unix-domain socket 95 times a second), and a server answers thousands of clients. What waits to be told is bounded as the record is: of a
 * step the first and the last calls, and of all steps the newest. (Without that, a server with 50 clients took 40 MB more a second, and
 * the notebook, when it read again, had the next call answered behind all of it.) Of a handle and of a server the notebook gets what they are
 * like now.
 */
export class ReportQueue {
  private readonly reports = new Set<Report>();
  private readonly steps = new Map<number, Waiting>();
  /** Those among them that have ended, the oldest first. */
  private readonly ended = new Set<number>();
  /** The handles of steps that were left out, and those that a server has accepted. */
  private readonly handles = new Map<number, HandleFacts>();
  private readonly servers = new Map<number, Report>();
  private others: Report[] = [];
  private readonly underWay = { messages: 0, reports: 0 };
  /** What has begun before is known to the notebook; so are the handles up to this number. */
  private toldAt = Number.NEGATIVE_INFINITY;
  private toldHandles = 0;
  private newestHandle = 0;

  /** @param write sends a message; `sent` is to be called when the pipe has taken it */
  constructor(private readonly write: (reports: Report[], sent: () => void) => void) {}

  /** How many reports wait. */
  get length(): number {
    return this.reports.size + this.handles.size;
  }

  add(report: Report): void {
    if ((report.tell === "ended" || report.tell === "handle") && report.facts !== undefined)
      this.newestHandle = Math.max(this.newestHandle, report.facts.id);
    if (this.mayGo) this.reports.add(report);
    else if (report.tell === "handle") this.leaveOut(report.facts);
    else if (report.tell === "called") this.addCall(report);
    else if (report.tell === "waits") this.addToStep(report.step, report);
    else if (report.tell === "ended") this.addEnd(report);
    else if (report.tell === "server") this.addServer(report);
    else if (report.tell === "answer" || report.tell === "ready" || report.tell === "stopping")
      this.reports.add(report);
    else this.addOther(report);
  }

  /** Sends what waits in one message, unless too many are on their way: then it goes as soon as one of those has arrived. */
  flush(): void {
    if (this.length > 0 && this.mayGo) this.flushNow();
  }

  /** Sends what waits, however many messages are on their way. */
  flushNow(sent: () => void = () => {}): void {
    const left: Report[] = [...this.handles.values()].map((facts) => ({ tell: "handle", facts }));
    const reports = [...left, ...this.reports];
    for (const waiting of [this.reports, this.steps, this.ended, this.handles, this.servers]) waiting.clear();
    this.others = [];
    this.toldAt = performance.now();
    this.toldHandles = this.newestHandle;
    this.underWay.messages += 1;
    this.underWay.reports += reports.length;
    this.write(reports, () => {
      this.underWay.messages -= 1;
      this.underWay.reports -= reports.length;
      sent();
      this.flush();
    });
  }

  private get mayGo(): boolean {
    return this.underWay.messages < UNDER_WAY.messages && this.underWay.reports < UNDER_WAY.reports;
  }

  private addToStep({ id, start }: Called["step"], report: Report): Waiting {
    let waiting = this.steps.get(id);
    if (waiting === undefined) {
      waiting = { calls: [], reports: [], isKnown: start < this.toldAt };
      this.steps.set(id, waiting);
    }
    waiting.reports.push(report);
    this.reports.add(report);
    return waiting;
  }

  private addCall(report: Called): void {
    const { calls, reports } = this.addToStep(report.step, report);
    calls.push(report);
    if (calls.length <= CALLS_OF_STEP) return;
    const [out] = calls.splice(FIRST_CALLS_OF_STEP, 1) as [Called];
    this.reports.delete(out);
    reports.splice(reports.indexOf(out), 1);
    // Those that were left out are counted by the call that is told next.
    const next = calls[FIRST_CALLS_OF_STEP]!;
    next.leftOut = (next.leftOut ?? 0) + (out.leftOut ?? 0) + 1;
  }

  private addEnd(report: Extract<Report, { tell: "ended" }>): void {
    const { id } = report.step;
    if (this.addToStep(report.step, report).isKnown) return;
    this.ended.add(id);
    if (this.ended.size <= STEPS_KEPT) return;
    const oldest = this.ended.values().next().value as number;
    this.ended.delete(oldest);
    for (const out of this.steps.get(oldest)!.reports) {
      this.reports.delete(out);
      if (out.tell === "ended" && out.facts !== undefined) this.leaveOut(out.facts);
    }
    this.steps.delete(oldest);
  }

  /** One that the notebook has never heard of, and that is closed, it need not hear of. */
  private leaveOut(facts: HandleFacts): void {
    if (facts.closed && facts.id > this.toldHandles) this.handles.delete(facts.id);
    else this.handles.set(facts.id, facts);
  }

  private addServer(report: Extract<Report, { tell: "server" }>): void {
    const before = this.servers.get(report.server.id);
    if (before !== undefined) this.reports.delete(before);
    this.servers.set(report.server.id, report);
    this.reports.add(report);
  }

  private addOther(report: Report): void {
    this.others.push(report);
    this.reports.add(report);
    if (this.others.length <= 2 * OTHERS_KEPT) return;
    for (const old of this.others.splice(0, OTHERS_KEPT)) this.reports.delete(old);
  }
}

import type { CallRecord } from "../calls/table";
import { inSilence, within } from "../cells";
import { clockOrigin } from "../readiness";
import { Backstage, beginStep, endStep, noteCall, type Step, say, stepWaits } from "../trace";
import type { Report, StepHead } from "./messages";
import { runWithNumber } from "./run-numbers";

/** Puts what the other process does into this process's trace, as it happens: with its pid, and with times on this process's clock. */
export class TraceMerge {
  /** The steps that have not ended, by their number in the other process. */
  private readonly open = new Map<number, Step>();
  /** The run of a cell for which each of them is made: its lines belong there. The messages come in that of the cell that has started the process. */
  private readonly runs = new WeakMap<Step, unknown>();
  private readonly shift: number;

  /** @param clock when the other process's clock was 0, on the machine's */
  constructor(
    private readonly pid: number,
    clock: number,
  ) {
    this.shift = clock - clockOrigin();
  }

  take(report: Report): void {
    if (report.tell === "called") this.called(report);
    else if (report.tell === "waits") {
      const { what, from } = report;
      this.inItsCell(this.step(report.step), (step) => stepWaits(step, what, this.here(from)));
    } else if (report.tell === "said") {
      const { silent, run, sentence } = report;
      within(runWithNumber(run), () => inSilence(silent, () => say(sentence)));
    } else if (report.tell === "backstage") {
      const { handle, printed, record } = report;
      noteCall(new Backstage(handle, printed, this.pid), this.moved(record));
    } else if (report.tell === "ended") {
      const step = this.step(report.step);
      this.open.delete(report.step.id);
      if (report.readyAt !== undefined) step.readyAt = this.here(report.readyAt);
      this.inItsCell(step, () => endStep(step, report.outcome, this.here(report.at)));
    }
  }

  /** A time of the other process's clock, on this process's. */
  here(time: number): number {
    return time + this.shift;
  }

  /** The process is gone: no call of it will return. */
  endAll(): void {
    for (const step of this.open.values()) this.inItsCell(step, () => endStep(step, { ended: "closed" }));
    this.open.clear();
  }

  private called({ step: head, record, leftOut = 0 }: Extract<Report, { tell: "called" }>): void {
    const step = this.step(head);
    if (leftOut > 0) step.leftOut = (step.leftOut ?? 0) + leftOut;
    this.inItsCell(step, () => noteCall(step, this.moved(record)));
  }

  private inItsCell(step: Step, action: (step: Step) => void): void {
    within(this.runs.get(step), () => action(step));
  }

  private step(head: StepHead): Step {
    let step = this.open.get(head.id);
    if (step === undefined) {
      step = beginStep(head.handle, head.name, head.fd, {
        pid: this.pid,
        start: this.here(head.start),
        silent: head.silent,
      });
      this.open.set(head.id, step);
      this.runs.set(step, runWithNumber(head.run));
    }
    for (const field of ["local", "peer", "opened"] as const) {
      if (head[field] !== undefined) step[field] = head[field];
    }
    return step;
  }

  private moved(record: CallRecord): CallRecord {
    const { call, start, end } = record;
    return { ...record, call: copied(call), start: this.here(start), end: this.here(end) };
  }
}

/** With memory of its own: what came with a message is a piece of the whole message's memory, which would be kept as long as the piece. */
function copied<T extends object>(call: T): T {
  const entries = Object.entries(call).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? Uint8Array.prototype.slice.call(value) : value,
  ]);
  return Object.fromEntries(entries) as T;
}

import type { Report } from "../messages";
import { ReportQueue } from "./report-queue";

const send = process.send?.bind(process);

/** The pipe is ours: what a server's function wrote into it, the notebook would take for a report. It is told so. */
process.send = () => {
  throw new TypeError(
    "process.send() reaches no cell: this process talks to the notebook's helpers by it. What is printed with console.log() is shown in the notebook.",
  );
};

const queue = new ReportQueue((reports, sent) => {
  // When the notebook is gone there is nobody to tell, and this process is about to end.
  if (process.connected) send?.(reports, undefined, undefined, sent);
});
let due: NodeJS.Immediate | undefined;

/**
 * Tells the notebook something, in one message with everything else that this turn of the event loop has to tell: a call, its step's end
 * and its answer come together, as do those of calls that were asked for at once.
 */
export function tell(report: Report): void {
  queue.add(report);
  due ??= setImmediate(() => {
    due = undefined;
    queue.flush();
  });
}

/** Sends what there is to tell at once, however much is on its way. */
export function tellNow(sent: () => void): void {
  clearImmediate(due);
  due = undefined;
  queue.flushNow(sent);
}

import type { Report } from "../messages";

let reports: Report[] = [];
let due: NodeJS.Immediate | undefined;

/**
 * Tells the notebook something, in one message with everything else that this turn of the event loop has to tell: a call, its step's end
 * and its answer come together, as do those of calls that were asked for at once.
 */
export function tell(report: Report): void {
  reports.push(report);
  due ??= setImmediate(() => tellNow());
}

/** Sends what there is to tell. When the notebook is gone there is nobody to tell, and this process is about to end. */
export function tellNow(sent: () => void = () => {}): void {
  clearImmediate(due);
  due = undefined;
  const all = reports;
  reports = [];
  if (process.connected) process.send?.(all, undefined, undefined, sent);
}

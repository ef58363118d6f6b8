import type { Report } from "../messages";

/** Tells the notebook something. When the notebook is gone there is nobody to tell, and this process is about to end. */
export function send(report: Report, sent: () => void = () => {}): void {
  if (process.connected) process.send?.(report, undefined, undefined, sent);
}

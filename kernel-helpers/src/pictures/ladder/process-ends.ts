import type { LadderStep, ProcessEnd } from "./scene";

/** What stands in a ladder where no call was made: the process has ended, and the system has closed its socket. */
const PROCESS = "process";

/** Puts the ends of processes between the steps, in the order of time. A handle that no step has shown has no lane to end. */
export function withEnds(steps: readonly LadderStep[], ends: readonly ProcessEnd[]): readonly LadderStep[] {
  if (ends.length === 0) return steps;
  const lanes = new Set(steps.map(laneOf));
  for (const { opened, pid } of steps) if (opened !== undefined) lanes.add(laneOf({ handle: opened, pid }));
  const all = [...steps];
  for (const end of ends) {
    if (!lanes.has(laneOf(end)) || end.at < (steps[0]?.start ?? 0)) continue;
    const { handle, fd, pid, at, how } = end;
    const before = all.findLastIndex(({ start }) => start <= at);
    all.splice(before + 1, 0, { handle, fd, pid, call: PROCESS, detail: how, start: at, end: at, result: 0 });
  }
  return all;
}

function laneOf({ handle, pid }: { handle: string; pid?: number }): string {
  return `${pid ?? ""} ${handle}`;
}

export function isProcessEnd({ call }: LadderStep): boolean {
  return call === PROCESS;
}

/** The socket is closed by this: by its own close, or with its process. */
export function closes(step: LadderStep): boolean {
  return step.call === "close" || isProcessEnd(step);
}

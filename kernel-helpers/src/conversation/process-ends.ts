import type { ConversationStep, ProcessEnd } from "./evidence";

/** Puts the ends of processes between the steps, in the order of time. A handle that no step has shown has no socket to end. */
export function withEnds(steps: readonly ConversationStep[], ends: readonly ProcessEnd[]): readonly ConversationStep[] {
  if (ends.length === 0) return steps;
  const names = new Set(steps.map(nameOf));
  for (const { opened, pid } of steps) if (opened !== undefined) names.add(nameOf({ handle: opened, pid }));
  const all = [...steps];
  for (const end of ends) {
    if (!names.has(nameOf(end)) || end.at < (steps[0]?.start ?? 0)) continue;
    const before = all.findLastIndex(({ start }) => start <= end.at);
    all.splice(before + 1, 0, step(end));
  }
  return all;
}

function step({ handle, fd, pid, at, how }: ProcessEnd): ConversationStep {
  return {
    handle,
    fd,
    pid,
    call: "process",
    means: "closes",
    processEnd: true,
    detail: how,
    start: at,
    end: at,
    result: 0,
  };
}

function nameOf({ handle, pid }: { handle: string; pid?: number | undefined }): string {
  return `${pid ?? ""} ${handle}`;
}

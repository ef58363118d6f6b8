import type { CallRecord } from "../calls/table";
import { processWide } from "../cells";
import { BYTES_KEPT, CALLS_KEPT, forgetSteps, keepNoSteps, keepsSteps, steps, weightOf } from "./kept-steps";

/*
 * What is kept of the calls: the last steps (kept-steps.ts), and the last calls that helpers made.
 */

interface Kept {
  pid: number;
  record: CallRecord;
}

const state = processWide("record", () => ({
  backstage: [] as (Kept | undefined)[],
  /** Where the oldest call of a helper lies that is kept, and what they all take. */
  first: 0,
  bytes: 0,
}));

/** From now on nothing is kept: the calls are told to somebody else. */
export function keepNothing(): void {
  keepNoSteps();
  forget();
}

/** Keeps a call that a helper has made. */
export function keepBackstage(record: CallRecord, pid: number): void {
  if (!keepsSteps()) return;
  const { backstage } = state;
  backstage.push({ pid, record });
  state.bytes += weightOf(record);
  while (backstage.length - state.first > CALLS_KEPT || state.bytes > BYTES_KEPT) dropOldestHelper();
}

function dropOldestHelper(): void {
  const { backstage } = state;
  state.bytes -= weightOf(backstage[state.first]!.record);
  backstage[state.first] = undefined;
  state.first += 1;
  // Moved up rarely: that costs nothing to speak of.
  if (state.first < CALLS_KEPT) return;
  backstage.splice(0, state.first);
  state.first = 0;
}

/** Every call that is kept in the order in which they were made, those of the helpers included; of one process, or of all. */
export function records(pid?: number): CallRecord[] {
  const of = (owner: number): boolean => pid === undefined || owner === pid;
  const own = steps().flatMap((step) => (of(step.pid) ? step.calls : []));
  const helpers = state.backstage.flatMap((kept) => (kept !== undefined && of(kept.pid) ? [kept.record] : []));
  return [...own, ...helpers].sort((a, b) => a.start - b.start);
}

/** Forgets everything. */
export function forget(): void {
  forgetSteps();
  state.backstage = [];
  state.first = 0;
  state.bytes = 0;
}

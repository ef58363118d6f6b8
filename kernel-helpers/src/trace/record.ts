import type { CallName, CallRecord } from "../calls/table";
import { processWide } from "../cells";
import type { Step } from "./step";

/*
 * What is kept of the calls: a ring of the last steps, and one of the last calls that helpers made. It costs the same after a million calls
 * as after a thousand: nothing is moved, and only what is asked for is looked at.
 */

/**
 * How many steps are kept; the oldest go first. With 20,000 a loop of send and recv took 2 µs more a round, a fifth of the whole: nearly
 * everything that was allocated outlived the young generation, and was copied and marked before it went.
 */
export const STEPS_KEPT = 5000;
/** How many system calls are kept of the steps, and as many of the helpers'. */
export const CALLS_KEPT = 20_000;
/** How many system calls are kept of one step: the first ones, then the last ones. A blocked sendto on a Unix-domain socket makes 95 a second. */
export const FIRST_CALLS_OF_STEP = 16;
export const CALLS_OF_STEP = 64;

/** How many bytes the steps may take, at most, and as many the helpers' calls. */
export const BYTES_KEPT = 24_000_000;
/** What a step without its calls, and a call, take at most. */
const STEP = 500;
const CALL = 1000;
/** Calls that keep more: members of arrays, values of options. */
const LARGER: Readonly<Partial<Record<CallName, number>>> = {
  poll: 3500,
  epoll_wait: 3500,
  getsockopt: 1500,
  setsockopt: 1500,
};

interface Kept {
  pid: number;
  record: CallRecord;
}

const state = processWide("record", () => ({
  /** The step with the number n lies at n modulo the size. */
  steps: new Array<Step | undefined>(STEPS_KEPT),
  /** What each of them takes. */
  weights: new Float64Array(STEPS_KEPT),
  /** The number of the oldest step that is kept, and of the newest. */
  oldest: 1,
  newest: 0,
  calls: 0,
  bytes: 0,
  backstage: [] as (Kept | undefined)[],
  /** Where the oldest call of a helper lies that is kept, and what they all take. */
  first: 0,
  helpersBytes: 0,
  keeping: true,
}));

/** From now on nothing is kept: the calls are told to somebody else. */
export function keepNothing(): void {
  state.keeping = false;
  forget();
}

/** The number of a new step. */
export function nextNumber(): number {
  return state.newest + 1;
}

/** Keeps a step that has begun. */
export function keepStep(step: Step): void {
  state.newest = step.id;
  if (!state.keeping) {
    state.oldest = step.id + 1;
    return;
  }
  if (state.newest - state.oldest >= STEPS_KEPT) dropOldest();
  const at = step.id % STEPS_KEPT;
  state.steps[at] = step;
  state.weights[at] = STEP;
  state.bytes += STEP;
  if (state.bytes > BYTES_KEPT) makeRoom();
}

/** Takes back the step that has begun last. */
export function takeBack(step: Step): void {
  const at = step.id % STEPS_KEPT;
  if (step.id !== state.newest || state.steps[at] !== step) return;
  drop(at);
  state.newest -= 1;
}

/** Keeps a call of a step. */
export function keepCall(step: Step, record: CallRecord): void {
  const { calls } = step;
  // An array that is made for one takes less room than one that is pushed into, which makes room for 17.
  if (calls.length === 0) step.calls = [record];
  else calls.push(record);
  if (calls.length > CALLS_OF_STEP) {
    calls.splice(FIRST_CALLS_OF_STEP, 1);
    step.leftOut = (step.leftOut ?? 0) + 1;
    return;
  }
  const at = step.id % STEPS_KEPT;
  // A step that waited for so long that the record has dropped it keeps its calls for itself.
  if (state.steps[at] !== step) return;
  const weight = weightOf(record);
  state.weights[at]! += weight;
  state.bytes += weight;
  state.calls += 1;
  if (state.calls > CALLS_KEPT || state.bytes > BYTES_KEPT) makeRoom();
}

/** Keeps a call that a helper has made. */
export function keepBackstage(record: CallRecord, pid: number): void {
  if (!state.keeping) return;
  const { backstage } = state;
  backstage.push({ pid, record });
  state.helpersBytes += weightOf(record);
  while (backstage.length - state.first > CALLS_KEPT || state.helpersBytes > BYTES_KEPT) dropOldestHelper();
}

function dropOldestHelper(): void {
  const { backstage } = state;
  state.helpersBytes -= weightOf(backstage[state.first]!.record);
  backstage[state.first] = undefined;
  state.first += 1;
  // Moved up rarely: that costs nothing to speak of.
  if (state.first < CALLS_KEPT) return;
  backstage.splice(0, state.first);
  state.first = 0;
}

function weightOf({ call }: CallRecord): number {
  return LARGER[call.name] ?? CALL;
}

function makeRoom(): void {
  while ((state.calls > CALLS_KEPT || state.bytes > BYTES_KEPT) && state.oldest < state.newest) dropOldest();
}

function dropOldest(): void {
  drop(state.oldest % STEPS_KEPT);
  state.oldest += 1;
}

function drop(at: number): void {
  state.calls -= state.steps[at]?.calls.length ?? 0;
  state.bytes -= state.weights[at]!;
  state.steps[at] = undefined;
  state.weights[at] = 0;
}

/**
 * The steps that are kept, oldest first.
 *
 * @param last only so many, the newest
 */
export function steps(last: number = STEPS_KEPT): Step[] {
  const list: Step[] = [];
  for (let id = Math.max(state.oldest, state.newest - last + 1); id <= state.newest; id++) {
    const step = state.steps[id % STEPS_KEPT];
    if (step !== undefined) list.push(step);
  }
  return list;
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
  state.steps.fill(undefined);
  state.weights.fill(0);
  state.oldest = state.newest + 1;
  state.calls = 0;
  state.bytes = 0;
  state.backstage = [];
  state.first = 0;
  state.helpersBytes = 0;
}

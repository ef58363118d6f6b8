import type { Call, CallName, CallRecord } from "../calls/table";
import { processWide } from "../cells/process-wide";
import { errnoName } from "../facts/errno";
import type { Outcome, Step } from "./step";

/*
 * The last steps, in a ring. It costs the same after a million steps as after a thousand: nothing is moved, and only what is asked for is
 * looked at.
 *
 * Nearly every step is one call that was made at once, or one that would have blocked, waited, and was made again. Such a step lies here in
 * parts: its numbers in one array of numbers, its calls in two others, and it is put together when somebody asks for it. A step with its record is eleven objects and 500 bytes, which outlive the young
 * generation: the collector copied them all, over and over, for a tenth of a loop of sends. In parts three objects are left, of 150 bytes.
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
const LARGER: ReadonlyMap<CallName, number> = new Map([
  ["poll", 3500],
  ["epoll_wait", 3500],
  ["getsockopt", 1500],
  ["setsockopt", 1500],
]);

/** The numbers of a step in parts. NaN stands for what is not known. */
const [CELL, FD, SILENT, RESULT, ERRNO, START, END, WAITED, READY, TRIED, GAVE_UP, WHY, NUMBERS] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
] as const;

const empty = <T>(): (T | undefined)[] => new Array<T | undefined>(STEPS_KEPT).fill(undefined);

const state = processWide("kept steps", () => ({
  /** The step with the number n lies at n modulo the size, unless it lies there in parts. */
  steps: empty<Step>(),
  calls: empty<Call>(),
  /** The call that would have blocked, of a step that has waited. */
  tries: empty<Call>(),
  handles: empty<string>(),
  locals: empty<string>(),
  peers: empty<string>(),
  numbers: new Float64Array(STEPS_KEPT * NUMBERS),
  /** What each of them takes, and how many calls are counted for it: whoever gets a step may change its list of calls. */
  weights: new Float64Array(STEPS_KEPT),
  counts: new Uint8Array(STEPS_KEPT),
  /** The number of the oldest step that is kept, and of the newest. */
  oldest: 1,
  newest: 0,
  count: 0,
  bytes: 0,
  keeping: true,
}));

/** Looked up once: it is one of the slow properties. */
const PID = process.pid;

/** What all steps have before their first call. */
const NO_CALLS = Object.freeze([]) as unknown as CallRecord[];

/** A new step: all have one shape, with what they have later. Without that a call took 0.1 µs longer. */
export function newStep(
  id: number,
  pid: number,
  handle: string,
  cell: number | undefined,
  name: CallName,
  fd: number | undefined,
  silent: boolean,
  start: number,
): Step {
  return {
    id,
    pid,
    handle,
    cell,
    name,
    fd,
    calls: NO_CALLS,
    silent,
    start,
    waitedFrom: undefined,
    readyAt: undefined,
    end: undefined,
    outcome: undefined,
    opened: undefined,
    local: undefined,
    peer: undefined,
  };
}

/** Most results are small and the same again and again: one object stands for each. */
const RESULTS: Outcome[] = Array.from({ length: 2048 }, (_, result) => Object.freeze({ result }));

/** The outcome of a step whose call returned this. */
export function resultOf(result: number): Outcome {
  return RESULTS[result] ?? { result };
}

/** The outcome of a step that is this one call. */
export function outcomeOf(result: number, errno: number): Outcome {
  return result === -1 ? { error: errnoName(errno), errno } : resultOf(result);
}

/** From now on no step is kept. */
export function keepNoSteps(): void {
  state.keeping = false;
}

/** Whether steps are kept. */
export function keepsSteps(): boolean {
  return state.keeping;
}

/** The number of a new step. */
export function nextNumber(): number {
  return state.newest + 1;
}

/** Keeps a step that has begun. */
export function keepStep(step: Step): void {
  const at = placeOfNext();
  if (at !== undefined) state.steps[at] = step;
}

/** Where the next step lies: there is room for it. Undefined when none is kept. */
function placeOfNext(): number | undefined {
  state.newest += 1;
  const id = state.newest;
  if (!state.keeping) {
    state.oldest = id + 1;
    return undefined;
  }
  if (id - state.oldest >= STEPS_KEPT) dropOldest();
  const at = id % STEPS_KEPT;
  state.weights[at] = STEP;
  state.bytes += STEP;
  if (state.bytes > BYTES_KEPT) makeRoom();
  return at;
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
  let weight = weightOf(record);
  let count = 1;
  if (calls.length > CALLS_OF_STEP) {
    const [out] = calls.splice(FIRST_CALLS_OF_STEP, 1) as [CallRecord];
    step.leftOut = (step.leftOut ?? 0) + 1;
    // It takes the place of another one, which can have been smaller.
    weight -= weightOf(out);
    count = 0;
  }
  const at = step.id % STEPS_KEPT;
  // A step that waited for so long that the record has dropped it keeps its calls for itself.
  if (state.steps[at] === step || isWholeAgain(step, at)) noteWeight(at, weight, count);
}

/** A step that has ended gets one more call: it lies there no longer in parts, nor as somebody has put it together from them. */
function isWholeAgain(step: Step, at: number): boolean {
  if (step.id < state.oldest || step.id > state.newest) return false;
  if (state.calls[at] === undefined && state.steps[at]?.id !== step.id) return false;
  state.calls[at] = undefined;
  state.tries[at] = undefined;
  state.steps[at] = step;
  return true;
}

function noteWeight(at: number, weight: number, count: number): void {
  state.weights[at]! += weight;
  state.counts[at]! += count;
  state.bytes += weight;
  state.count += count;
  if (state.count > CALLS_KEPT || state.bytes > BYTES_KEPT) makeRoom();
}

/** Keeps a step that is this one call, of this process, as if it had begun and ended: in parts. */
export function keepLone(record: CallRecord, handle: string, cell: number | undefined, silent: boolean): void {
  const at = placeOfNext();
  if (at === undefined) return;
  putParts(at, record, handle, cell, undefined, silent);
  state.locals[at] = undefined;
  state.peers[at] = undefined;
  noteWeight(at, weightOf(record), 1);
}

/** Keeps a step that has ended in parts, if it is one call that was made at once, or after one wait. */
export function keepInParts(step: Step): void {
  const at = step.id % STEPS_KEPT;
  const { calls, outcome, waitedFrom } = step;
  const [first, second] = calls;
  if (state.steps[at] !== step || step.pid !== PID || outcome === undefined || first === undefined) return;
  const waited = waitedFrom !== undefined;
  if (calls.length > (waited ? 2 : 1) || step.leftOut !== undefined || step.opened !== undefined) return;
  if (!waited && step.readyAt !== undefined) return;
  const record = second ?? first;
  const { call, result, end } = record;
  if (!("result" in outcome) || outcome.result !== result || result === -1) return;
  if (step.name !== call.name || step.end !== end) return;
  if (second !== undefined && (first.result !== -1 || first.call.name !== call.name)) return;
  // One that has waited without a try began when it had to wait.
  if (step.start !== (second === undefined && waited ? waitedFrom : first.start)) return;
  state.steps[at] = undefined;
  putParts(at, record, step.handle, step.cell, step.fd, step.silent);
  state.locals[at] = step.local;
  state.peers[at] = step.peer;
  if (waited) putWait(at, waitedFrom, step.readyAt, second === undefined ? undefined : first);
}

/** The rest of the parts of a step that has waited: when it began to, and the try before that. */
function putWait(at: number, waitedFrom: number, readyAt: number | undefined, tried: CallRecord | undefined): void {
  const { numbers } = state;
  const from = at * NUMBERS;
  numbers[from + WAITED] = waitedFrom;
  numbers[from + READY] = readyAt ?? Number.NaN;
  if (tried === undefined) return;
  state.tries[at] = tried.call;
  numbers[from + TRIED] = tried.start;
  numbers[from + GAVE_UP] = tried.end;
  numbers[from + WHY] = tried.errno;
}

function putParts(
  at: number,
  { call, result, errno, start, end }: CallRecord,
  handle: string,
  cell: number | undefined,
  fd: number | undefined,
  silent: boolean,
): void {
  const { numbers } = state;
  const from = at * NUMBERS;
  state.calls[at] = call;
  state.tries[at] = undefined;
  state.handles[at] = handle;
  numbers[from + CELL] = cell ?? Number.NaN;
  numbers[from + FD] = fd ?? Number.NaN;
  numbers[from + SILENT] = silent ? 1 : 0;
  numbers[from + RESULT] = result;
  numbers[from + ERRNO] = errno;
  numbers[from + START] = start;
  numbers[from + END] = end;
  numbers[from + WAITED] = Number.NaN;
}

/** The step with this number; put together from its parts, and whole from then on. */
function stepWith(id: number): Step | undefined {
  const at = id % STEPS_KEPT;
  const call = state.calls[at];
  if (call === undefined) return state.steps[at];
  const number = (which: number): number => state.numbers[at * NUMBERS + which] as number;
  const known = (which: number): number | undefined => (Number.isNaN(number(which)) ? undefined : number(which));
  const [result, errno, start, end] = [number(RESULT), number(ERRNO), number(START), number(END)];
  const silent = number(SILENT) === 1;
  const waitedFrom = known(WAITED);
  const tried = state.tries[at];
  const [tries, began] =
    tried === undefined
      ? [[], waitedFrom ?? start]
      : [[{ call: tried, result: -1, errno: number(WHY), start: number(TRIED), end: number(GAVE_UP) }], number(TRIED)];
  const step = newStep(id, PID, state.handles[at]!, known(CELL), call.name, known(FD), silent, began);
  step.calls = [...(tries as CallRecord[]), { call, result, errno, start, end }];
  step.waitedFrom = waitedFrom;
  if (waitedFrom !== undefined) step.readyAt = known(READY);
  step.end = end;
  step.outcome = outcomeOf(result, errno);
  step.local = state.locals[at];
  step.peer = state.peers[at];
  state.calls[at] = undefined;
  state.tries[at] = undefined;
  state.steps[at] = step;
  return step;
}

/** What a call takes, at most. */
export function weightOf({ call }: CallRecord): number {
  return LARGER.get(call.name) ?? CALL;
}

function makeRoom(): void {
  while ((state.count > CALLS_KEPT || state.bytes > BYTES_KEPT) && state.oldest < state.newest) dropOldest();
}

function dropOldest(): void {
  drop(state.oldest % STEPS_KEPT);
  state.oldest += 1;
}

function drop(at: number): void {
  state.count -= state.counts[at]!;
  state.bytes -= state.weights[at]!;
  state.steps[at] = undefined;
  state.calls[at] = undefined;
  state.tries[at] = undefined;
  state.weights[at] = 0;
  state.counts[at] = 0;
}

/**
 * The steps that are kept, oldest first.
 *
 * @param last only so many, the newest
 */
export function steps(last: number = STEPS_KEPT): Step[] {
  const list: Step[] = [];
  for (let id = Math.max(state.oldest, state.newest - last + 1); id <= state.newest; id++) {
    const step = stepWith(id);
    if (step !== undefined) list.push(step);
  }
  return list;
}

/** Forgets all steps. */
export function forgetSteps(): void {
  for (const list of [state.steps, state.calls, state.tries, state.handles, state.locals, state.peers])
    list.fill(undefined);
  state.weights.fill(0);
  state.counts.fill(0);
  state.oldest = state.newest + 1;
  state.count = 0;
  state.bytes = 0;
}

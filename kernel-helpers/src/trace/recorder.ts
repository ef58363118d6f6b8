import { errorWords } from "../bytes/error-words";
import { noun } from "../bytes/noun";
import type { CallName, CallRecord } from "../calls/table";
import { currentCell } from "../cells/cell";
import { processWide } from "../cells/process-wide";
import { inSilence, isSilent } from "../cells/silence";
import { indented } from "../errors";
import { observeCalls, withContext } from "../libc/funnel";
import { keepCall, keepInParts, keepLone, keepStep, newStep, nextNumber, outcomeOf, takeBack } from "./kept-steps";
import { mayPrint } from "./limit";
import { print, printLine } from "./print";
import { keepBackstage } from "./record";
import { exactLine, shortLine, waitLine } from "./short";
import type { Mode, Outcome, Step } from "./step";

/** Told of what becomes of steps, as it happens: how a process shows its calls in another one. */
export interface StepWatcher {
  /** A system call was made, for a step or by a helper. */
  called(owner: Step | Backstage, record: CallRecord): void;
  waits(step: Step, what: string): void;
  ended(step: Step): void;
  said(sentence: string): void;
}

/** Which process made a step's call, when, in milliseconds on this process's clock, and whether it prints nothing. */
export interface Origin {
  pid: number;
  start: number;
  silent: boolean;
}

const state = processWide("trace", () => ({
  mode: "short" as Mode,
  listeners: new Set<(step: Step) => void>(),
  watcher: undefined as StepWatcher | undefined,
  numbers: undefined as ((record: CallRecord) => void) | undefined,
  /** How many lines could not be printed since the last one that could. */
  unprinted: 0,
  lastCall: { at: Number.NEGATIVE_INFINITY },
}));

export function setMode(mode: Mode): void {
  state.mode = mode;
}

/** What is printed now. */
export function mode(): Mode {
  return isSilent() ? "off" : state.mode;
}

/** Runs an action whose calls, and those of all that it starts, print nothing. */
export function silently<T>(action: () => T): T {
  return inSilence(true, action);
}

/**
 * Called after every step that ended, those of other processes included. One that throws is called no more. Returns how to stop listening.
 */
export function onStep(listener: (step: Step) => void): () => void {
  state.listeners.add(listener);
  return () => state.listeners.delete(listener);
}

/** Sets who is told of every step; there is one at a time. */
export function watchSteps(watcher: StepWatcher | undefined): void {
  state.watcher = watcher;
}

/** Looked up once: it is one of the slow properties. */
const PID = process.pid;

/** A step has no time yet: it gets that of its first system call. */
const NOT_YET = -1;

/**
 * Begins a step. The calls made within `during(step, …)` belong to it.
 *
 * @param origin for a step of another process
 */
export function beginStep(handle: string, name: CallName, fd?: number, origin?: Origin): Step {
  const step = newStep(
    nextNumber(),
    origin === undefined ? PID : origin.pid,
    handle,
    currentCell()?.count,
    name,
    fd,
    origin === undefined ? isSilent() : origin.silent,
    origin === undefined ? NOT_YET : origin.start,
  );
  keepStep(step);
  return step;
}

/** Takes back a step whose arguments were refused before any call was made. */
export function cancelStep(step: Step): void {
  if (step.calls.length > 0) return;
  takeBack(step);
  step.end = performance.now();
}

/** Runs `action`; the calls it makes are recorded as calls of the step, or as a helper's. */
export function during<T>(owner: Step | Backstage, action: () => T): T {
  return withContext(owner, action);
}

/** When the call that was recorded last has returned: a time that costs nothing. */
export const lastCall: { readonly at: number } = state.lastCall;

/** Notes a system call: of a step, or of a helper. In the exact trace this is what prints. */
export function noteCall(owner: Step | Backstage, record: CallRecord): void {
  state.lastCall.at = record.end;
  if (isStep(owner)) {
    if (owner.start === NOT_YET) owner.start = record.start;
    keepCall(owner, record);
    if (state.mode === "exact" && !owner.silent) printSafely(exactLine(owner.handle, record));
  } else {
    keepBackstage(record, owner.pid);
    if (state.mode === "exact" && owner.printed && !isSilent()) printSafely(exactLine(owner.handle, record));
  }
  if (state.watcher !== undefined) tellWatcher((watcher) => watcher.called(owner, record));
}

/** Says that the step's call has to wait. */
export function stepWaits(step: Step, what: string, from = performance.now()): void {
  if (step.start === NOT_YET) step.start = from;
  step.waitedFrom = from;
  if (state.watcher !== undefined) tellWatcher((watcher) => watcher.waits(step, what));
  if (state.mode === "short" && !step.silent) printSafely(waitLine(step, what));
}

/**
 * Ends a step, and prints its line.
 *
 * @param at when, in milliseconds; unless told, when its last system call returned, or now if it is not that which ended it
 */
export function endStep(step: Step, outcome: Outcome, at?: number): void {
  const last = "ended" in outcome ? undefined : step.calls.at(-1);
  step.end = at ?? last?.end ?? performance.now();
  if (step.start === NOT_YET) step.start = step.end;
  step.outcome = outcome;
  if (state.watcher !== undefined) tellWatcher((watcher) => watcher.ended(step));
  if (state.mode === "short" && !step.silent) printSafely(shortLine(step));
  if (state.listeners.size > 0) tellListeners(step);
  keepInParts(step);
}

/** Notes something that a helper says between the calls, indented as the text of a line. */
export function say(sentence: string): void {
  if (state.watcher !== undefined) tellWatcher((watcher) => watcher.said(sentence));
  if (mode() !== "off") printSafely(indented(sentence), print);
}

/* Who follows the calls, and whoever reads the lines, can fail. The call was made all the same, and its result must reach the learner. */

function tellListeners(step: Step): void {
  for (const listener of state.listeners) {
    try {
      listener(step);
    } catch (error) {
      state.listeners.delete(listener);
      tellFailure(error);
    }
  }
}

function tellWatcher(tell: (watcher: StepWatcher) => void): void {
  const { watcher } = state;
  try {
    if (watcher !== undefined) tell(watcher);
  } catch (error) {
    if (state.watcher === watcher) state.watcher = undefined;
    tellFailure(error);
  }
}

function tellFailure(error: unknown): void {
  printSafely(
    indented(`Something that follows the calls has failed, and follows them no more: ${errorWords(error)}`),
    print,
  );
}

function printSafely(text: string, write = printLine): void {
  try {
    if (!mayPrint()) return;
    if (state.unprinted > 0)
      print(indented(`(${state.unprinted} ${noun(state.unprinted, "line")} before this one could not be printed)`));
    write(text);
    state.unprinted = 0;
  } catch {
    state.unprinted += 1;
  }
}

/** On behalf of whom a helper makes calls that the learner did not write: looking, waiting, probing. */
export class Backstage {
  constructor(
    readonly handle: string,
    /** Whether the exact trace prints these calls; they are recorded in any case. */
    readonly printed = true,
    readonly pid = PID,
  ) {}
}

function isStep(context: object | undefined): context is Step {
  return context !== undefined && "calls" in context;
}

/** Not by its class: when the package is loaded twice, the context can be the other one's. */
function isBackstage(context: object | undefined): context is Backstage {
  return context !== undefined && !isStep(context) && "handle" in context;
}

/** The lane of calls that the learner made on a number, without a handle. */
export const NO_HANDLE = "calls";

/** Sets who is told of every call that the learner has made on a number, in this process; there is one at a time. */
export function watchNumbers(watcher: ((record: CallRecord) => void) | undefined): void {
  state.numbers = watcher;
}

/** Such a call is a step of its own. */
function lone(record: CallRecord): void {
  const { call, result, errno } = record;
  if (nobodyFollows() && mode() === "off") keepLone(record, NO_HANDLE, currentCell()?.count, isSilent());
  else {
    const step = beginStep(NO_HANDLE, call.name);
    noteCall(step, record);
    endStep(step, outcomeOf(result, errno));
  }
  const { numbers } = state;
  try {
    numbers?.(record);
  } catch (error) {
    if (state.numbers === numbers) state.numbers = undefined;
    tellFailure(error);
  }
}

function nobodyFollows(): boolean {
  return state.watcher === undefined && state.listeners.size === 0;
}

/** Starts recording: every call from now on, whoever makes it. */
export function startRecording(): void {
  observeCalls((made, context) => {
    const record = made as CallRecord;
    if (isStep(context) || isBackstage(context)) noteCall(context, record);
    else lone(record);
  });
}

import { indented } from "../errors";
import { errnoName } from "../facts";
import { type CallName, type CallRecord, observeCalls, processWide, withContext } from "../libc";
import { currentCell } from "../readiness";
import { exactLine } from "./exact";
import { print, printLine } from "./print";
import { shortLine, waitLine } from "./short";
import type { Mode, Outcome, Step } from "./step";

/** How many steps are kept; the oldest go first. At about 900 bytes a step (measured) this is some 20 MB. */
export const STEPS_KEPT = 20_000;

/** Told of what becomes of steps, as it happens: how a process shows its calls in another one. */
export interface StepWatcher {
  /** A system call was made, for a step or by a helper. */
  called(owner: Step | Backstage, record: CallRecord): void;
  waits(step: Step, what: string): void;
  ended(step: Step): void;
  said(sentence: string): void;
}

/** Which process made a step's call, and when, in milliseconds on this process's clock. */
export interface Origin {
  pid: number;
  start: number;
}

const state = processWide("trace", () => ({
  mode: "short" as Mode,
  /** How many actions are under way that are to print nothing. */
  silent: 0,
  steps: [] as Step[],
  backstage: [] as { pid: number; calls: [CallRecord] }[],
  count: 0,
  listeners: new Set<(step: Step) => void>(),
  watcher: undefined as StepWatcher | undefined,
}));

export function setMode(mode: Mode): void {
  state.mode = mode;
}

/** What is printed now. */
export function mode(): Mode {
  return state.silent > 0 ? "off" : state.mode;
}

/** Prints nothing until an action has ended, however it ends. */
export function silently<T>(action: () => T): T {
  state.silent += 1;
  let goesOn = false;
  const over = () => {
    state.silent -= 1;
  };
  try {
    const value = action();
    if (value instanceof Promise) {
      goesOn = true;
      value.then(over, over);
    }
    return value;
  } finally {
    if (!goesOn) over();
  }
}

/** The steps so far, oldest first. */
export function steps(): readonly Step[] {
  return state.steps.length > STEPS_KEPT ? state.steps.slice(-STEPS_KEPT) : state.steps;
}

/** Every call so far in the order in which they were made, those of the helpers included; of one process, or of all. */
export function records(pid?: number): CallRecord[] {
  return [...state.steps, ...state.backstage]
    .filter((owner) => pid === undefined || owner.pid === pid)
    .flatMap(({ calls }) => calls)
    .sort((a, b) => a.start - b.start);
}

export function forget(): void {
  state.steps = [];
  state.backstage = [];
}

/** Called after every step that ended, those of other processes included. Returns how to stop listening. */
export function onStep(listener: (step: Step) => void): () => void {
  state.listeners.add(listener);
  return () => state.listeners.delete(listener);
}

/** Sets who is told of every step; there is one at a time. */
export function watchSteps(watcher: StepWatcher | undefined): void {
  state.watcher = watcher;
}

/**
 * Begins a step. The calls made within `during(step, …)` belong to it.
 *
 * @param origin for a step of another process
 */
export function beginStep(
  handle: string,
  name: CallName,
  fd?: number,
  { pid, start }: Origin = { pid: process.pid, start: performance.now() },
): Step {
  state.count += 1;
  const step: Step = {
    id: state.count,
    pid,
    handle,
    cell: currentCell()?.count,
    name,
    fd,
    calls: [],
    start,
  };
  keep(step);
  return step;
}

/** Takes back a step whose arguments were refused before any call was made. */
export function cancelStep(step: Step): void {
  if (step.calls.length === 0 && state.steps.at(-1) === step) state.steps.pop();
}

/** Runs `action`; the calls it makes are recorded as calls of the step. */
export function during<T>(step: Step, action: () => T): T {
  return withContext(step, action);
}

/** Notes a system call: of a step, or of a helper. In the exact trace this is what prints. */
export function noteCall(owner: Step | Backstage, record: CallRecord): void {
  if (mode() === "exact" && isPrinted(owner)) printLine(exactLine(owner.handle, record));
  if (isStep(owner)) owner.calls.push(record);
  else keepBackstage(record, owner.pid);
  state.watcher?.called(owner, record);
}

/** Says that the step's call has to wait. */
export function stepWaits(step: Step, what: string, from = performance.now()): void {
  step.waitedFrom = from;
  state.watcher?.waits(step, what);
  if (mode() === "short") printLine(waitLine(step, what));
}

/** Ends a step, and prints its line. */
export function endStep(step: Step, outcome: Outcome, at = performance.now()): void {
  step.end = at;
  step.outcome = outcome;
  state.watcher?.ended(step);
  if (mode() === "short") printLine(shortLine(step));
  for (const listener of state.listeners) listener(step);
}

/** Notes something that a helper says between the calls, indented as the text of a line. */
export function say(sentence: string): void {
  state.watcher?.said(sentence);
  if (mode() !== "off") print(indented(sentence));
}

function keep(step: Step): void {
  state.steps.push(step);
  if (state.steps.length > STEPS_KEPT * 1.25) state.steps = state.steps.slice(-STEPS_KEPT);
}

/** On behalf of whom a helper makes calls that the learner did not write: looking, waiting, probing. */
export class Backstage {
  constructor(
    readonly handle: string,
    /** Whether the exact trace prints these calls; they are recorded in any case. */
    readonly printed = true,
    readonly pid = process.pid,
  ) {}
}

function isStep(context: object | undefined): context is Step {
  return context !== undefined && "calls" in context;
}

/** Not by its class: when the package is loaded twice, the context can be the other one's. */
function isBackstage(context: object | undefined): context is Backstage {
  return context !== undefined && !isStep(context) && "handle" in context;
}

function isPrinted(owner: Step | Backstage): boolean {
  return !isBackstage(owner) || owner.printed;
}

/** A call that the learner made on a number, without a handle, is a step of its own. */
function lone(record: CallRecord): void {
  const step = beginStep("calls", record.call.name);
  noteCall(step, record);
  endStep(step, outcomeOf(record));
}

function keepBackstage(record: CallRecord, pid = process.pid): void {
  state.backstage.push({ pid, calls: [record] });
  if (state.backstage.length > STEPS_KEPT * 1.25) state.backstage = state.backstage.slice(-STEPS_KEPT);
}

/** How a single system call ended. */
export function outcomeOf(record: CallRecord): Outcome {
  if (record.result !== -1) return { result: record.result };
  return { error: errnoName(record.errno), errno: record.errno };
}

/** Starts recording: every call from now on, whoever makes it. */
export function startRecording(): void {
  observeCalls((record, context) => {
    if (isStep(context) || isBackstage(context)) noteCall(context, record);
    else lone(record);
  });
}

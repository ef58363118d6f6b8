import { indented } from "../errors";
import { errnoName } from "../facts";
import { type CallName, type CallRecord, observeCalls, processWide, withContext } from "../libc";
import { currentCell } from "../readiness";
import { exactLine } from "./exact";
import { print } from "./print";
import { shortLine, waitLine } from "./short";
import type { Outcome, Step } from "./step";

/** How many steps are kept; the oldest go first. At about 900 bytes a step (measured) this is some 20 MB. */
export const STEPS_KEPT = 20_000;

export type Mode = "short" | "exact" | "off";

const state = processWide("trace", () => ({
  mode: "short" as Mode,
  steps: [] as Step[],
  count: 0,
  listeners: new Set<() => void>(),
}));

export function setMode(mode: Mode): void {
  state.mode = mode;
}

export function mode(): Mode {
  return state.mode;
}

/** Every step so far, oldest first, those of the helpers (without a name) included. */
export function steps(): readonly Step[] {
  return state.steps.length > STEPS_KEPT ? state.steps.slice(-STEPS_KEPT) : state.steps;
}

export function forget(): void {
  state.steps = [];
}

/** Called after every step that ended. Returns how to stop listening. */
export function onStep(listener: () => void): () => void {
  state.listeners.add(listener);
  return () => state.listeners.delete(listener);
}

/** Begins a step. The calls made within `during(step, …)` belong to it. */
export function beginStep(handle: string, name: CallName | undefined, fd?: number): Step {
  state.count += 1;
  const step: Step = {
    id: state.count,
    pid: process.pid,
    handle,
    cell: currentCell()?.count,
    name,
    fd,
    calls: [],
    start: performance.now(),
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

/** Says that the step's call has to wait. */
export function stepWaits(step: Step, what: string): void {
  step.waitedFrom = performance.now();
  if (state.mode === "short") print(waitLine(step, what));
}

/** Ends a step, and prints its line. */
export function endStep(step: Step, outcome: Outcome): void {
  step.end = performance.now();
  step.outcome = outcome;
  if (state.mode === "short" && step.name !== undefined) print(shortLine(step));
  for (const listener of state.listeners) listener();
}

/** Notes something that a helper says between the calls, indented as the text of a line. */
export function say(sentence: string): void {
  if (state.mode !== "off") print(indented(sentence));
}

function keep(step: Step): void {
  state.steps.push(step);
  if (state.steps.length > STEPS_KEPT * 1.25) state.steps = state.steps.slice(-STEPS_KEPT);
}

/** On behalf of whom a helper makes calls that the learner did not write: looking, waiting, probing. */
export class Backstage {
  constructor(readonly handle: string) {}
}

function isStep(context: object | undefined): context is Step {
  return context !== undefined && "calls" in context;
}

/** Not by its class: when the package is loaded twice, the context can be the other one's. */
function isBackstage(context: object | undefined): context is Backstage {
  return context !== undefined && !isStep(context) && "handle" in context;
}

/** A call outside every step is a step of its own: named when the learner made it on a number, nameless when a helper made it. */
function lone(record: CallRecord, backstage: Backstage | undefined): void {
  const step = beginStep(backstage?.handle ?? "calls", backstage === undefined ? record.call.name : undefined);
  step.calls.push(record);
  if (backstage !== undefined) return;
  endStep(step, outcomeOf(record));
}

/** How a single system call ended. */
export function outcomeOf(record: CallRecord): Outcome {
  if (record.result !== -1) return { result: record.result };
  return { error: errnoName(record.errno), errno: record.errno };
}

/** Starts recording: every call from now on, whoever makes it. */
export function startRecording(): void {
  observeCalls((record, context) => {
    const backstage = isBackstage(context) ? context : undefined;
    const step = isStep(context) ? context : undefined;
    if (state.mode === "exact") print(exactLine((step ?? backstage)?.handle ?? "calls", record));
    if (step === undefined) lone(record, backstage);
    else step.calls.push(record);
  });
}

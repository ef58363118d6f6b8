import { currentCell, startedBy } from "../cells/cell";
import { processWide } from "../cells/process-wide";
import { Wait } from "./wait";

/*
 * What becomes of the code of a cell that was interrupted. JavaScript has nothing that could end it: it can only be told, by the error of a call,
 * and it can catch that and call again. So it is told once; then it has GRACE for what it does at its end, such as closing its handles; and
 * a call that it makes after that is not made, and never returns. What other cells have started goes on.
 */

/** Milliseconds. */
const GRACE = 250;

interface Stop {
  readonly at: number;
  /** Whether a call of it has failed with the interrupt. */
  told: boolean;
}

const state = processWide("stopped", () => ({
  /** The runs of cells that were interrupted. */
  stops: new WeakMap<object, Stop>(),
  any: false,
}));

/** Whether a cell was ever interrupted: until then, nothing has to be asked. */
export const stopped: { readonly any: boolean } = state;

/** Notes that a run of a cell was interrupted. */
export function stop(run: unknown, told: boolean): void {
  if (!isObject(run)) return;
  state.any = true;
  const known = state.stops.get(run);
  if (known === undefined) state.stops.set(run, { at: performance.now(), told });
  else known.told ||= told;
}

/** Notes that a call of it has failed with the interrupt. */
export function stopWasTold(run: unknown): void {
  const known = isObject(run) ? state.stops.get(run) : undefined;
  if (known !== undefined) known.told = true;
}

/** What a call does that code of an interrupted cell makes: it goes on, fails with the interrupt, or never returns. */
export function afterStop(): "goes on" | "fails" | "never returns" {
  const known = stopOfThis();
  if (known === undefined) return "goes on";
  if (!known.told) {
    known.told = true;
    return "fails";
  }
  return performance.now() - known.at > GRACE && knowsWhoCalls() ? "never returns" : "goes on";
}

/** Whether code that calls all the time is to go on after a rest: once more when none of its calls could be made and fail with the interrupt. */
export function mayRest(): boolean {
  const known = stopOfThis();
  if (known?.told === true) return false;
  if (known !== undefined) known.told = true;
  return true;
}

/** Whether code whose call would block is to wait. If it went on, it would take what is meant for others. */
export function mayWait(): boolean {
  return stopOfThis()?.told !== true || !knowsWhoCalls();
}

function stopOfThis(): Stop | undefined {
  const run = startedBy();
  return isObject(run) ? state.stops.get(run) : undefined;
}

/** On the stock kernel, what an earlier cell has left running cannot be told from the cell that was started last. */
function knowsWhoCalls(): boolean {
  return currentCell() !== undefined;
}

function isObject(run: unknown): run is object {
  return (typeof run === "object" && run !== null) || typeof run === "function";
}

/** The promise of a call that never returns: whoever awaits it is forgotten with it. */
export function never<T>(): Wait<T> {
  return new Wait<T>(() => {});
}

import { AsyncLocalStorage } from "node:async_hooks";
import type { Step } from "../../trace";

/*
 * The run of a cell of the notebook for which this process makes a call: what the call shows belongs to that cell. It is known to all that
 * the call does, however long that takes; of a step that another one ends, or the thread that waits, it is the run that has begun it.
 */
const runs = new AsyncLocalStorage<number>();
const ofSteps = new WeakMap<Step, number>();

export function forRun<T>(run: number, action: () => T): T {
  return runs.run(run, action);
}

/** Of the code in progress. */
export function runOfCall(): number | undefined {
  return runs.getStore();
}

/** To be asked when the step has begun. */
export function runOfStep(step: Step): number | undefined {
  const known = ofSteps.get(step);
  if (known !== undefined) return known;
  const run = runs.getStore();
  if (run !== undefined) ofSteps.set(step, run);
  return run;
}

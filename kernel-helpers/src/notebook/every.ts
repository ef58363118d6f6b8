import { isCallable, shown } from "../bytes/arguments";
import { startedBy } from "../cells";
import { InterruptedError } from "../errors";
import { SENTENCES } from "../errors/sentences";
import { interruptible } from "../readiness";
import { UnderWay } from "../readiness/under-way";

const LONGEST_TIMER = 0x7fffffff;

/**
 * Does something at equal intervals: a metronome for streams and games. The n-th time is due at `delay + n * interval` after the call, so
 * small delays do not add up; what is late is done at once. An action that takes time (one to await) is waited for before the next.
 *
 * @param interval milliseconds, 0 or more
 * @param times how often, an integer from 0
 * @param action gets the count, from 0
 * @param delay milliseconds before the first time, 0 or more; 0 unless told
 * @throws Errors: TypeError and RangeError for other arguments; InterruptedError when the cell is interrupted; BusyError (10,000 of these are under way: `await` is missing); what the action throws
 */
export function every(interval: number, times: number, action: (n: number) => unknown, delay = 0): Promise<void> {
  return metronomes.make(() => run(interval, times, action, delay));
}

const metronomes = new UnderWay("every", 10_000);

async function run(interval: unknown, times: unknown, action: unknown, delay: unknown): Promise<void> {
  const between = milliseconds("The interval", interval);
  const before = milliseconds("The delay", delay);
  if (!Number.isSafeInteger(times) || Number(times) < 0)
    throw new RangeError(`How often it is done is a whole number from 0, not ${shown(times)}.`);
  if (!isCallable(action))
    throw new TypeError(`The third argument is the action: (n) => camera.send(…), not ${shown(action)}.`);
  const start = performance.now() + before;
  const cell = startedBy();
  for (let n = 0; n < Number(times); n++) {
    const due = start + n * between;
    // A timer holds no more than 24.8 days: a longer pause is several.
    do await pause(Math.min(due - performance.now(), LONGEST_TIMER), cell, n);
    while (due - performance.now() >= 1);
    await (action as (n: number) => unknown)(n);
  }
}

function milliseconds(what: string, value: unknown): number {
  if (typeof value !== "number") throw new TypeError(`${what} is a number of milliseconds, not ${shown(value)}.`);
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
    throw new RangeError(`${what} is 0 milliseconds or more, not ${value}.`);
  return value;
}

function pause(ms: number, run: unknown, count: number): Promise<void> {
  const interrupted = () =>
    new InterruptedError("every()", undefined, "was interrupted", SENTENCES.everyInterrupted(`${count}`));
  return interruptible<void>(
    (resolve) => {
      const timer = setTimeout(resolve, Math.ceil(Math.max(ms, 0))).unref();
      return () => clearTimeout(timer);
    },
    interrupted,
    run,
  );
}

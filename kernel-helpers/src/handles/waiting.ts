import { InterruptedError, TimeoutError } from "../errors";
import { describeCall } from "../libc";
import type { WaitOptions } from "../readiness";
import { ownCall, type Step, stepWaits } from "../trace";
import type { Core } from "./core";

/** How long a call waits, once it is awaited, before it gives up: milliseconds. */
export const DEFAULT_TIMEOUT = 10_000;
/** The longest deadline that a timer can hold, 24.8 days; a longer one is none. */
export const LONGEST_TIMER = 0x7fffffff;

/** How a call waits. */
export interface Waiting {
  /** How long to wait at most, in milliseconds: 0 is one try, Infinity no deadline. The default is 10 s, counted from the `await`. */
  timeout?: number;
  /** Ends the wait when it is aborted; the wait rejects with its reason. */
  signal?: AbortSignal;
}

/** The words of one kind of wait. */
export interface Words {
  /** Follows the call in its line: "waits for a client". */
  waits: string;
  /** What has not happened: "no client has connected to 127.0.0.1:20733". */
  missing: string;
  /** What to do about it. */
  advice: string;
}

function seconds(milliseconds: number): string {
  return milliseconds >= 1000
    ? `${Number((milliseconds / 1000).toFixed(1))} s`
    : `${Number(milliseconds.toFixed(1))} ms`;
}

/** @throws TypeError or RangeError for a timeout that is none */
export function checkedTimeout(timeout: unknown): number | undefined {
  if (timeout === undefined) return undefined;
  if (typeof timeout !== "number")
    throw new TypeError(`timeout is a number of milliseconds, not ${JSON.stringify(timeout)}.`);
  if (Number.isNaN(timeout) || timeout < 0)
    throw new RangeError(`timeout is 0 or more milliseconds, or Infinity, not ${timeout}.`);
  return timeout;
}

/** The options of a wait that belongs to a step of a handle. */
export function waitOptions(core: Core, step: Step, waiting: Waiting, words: Words): WaitOptions {
  const call = (): string => {
    const record = ownCall(step);
    return record === undefined ? `${step.name}(${core.fd})` : describeCall(record.call);
  };
  return {
    timeout: checkedTimeout(waiting.timeout),
    defaultTimeout: DEFAULT_TIMEOUT,
    signal: waiting.signal,
    background: core.background,
    onWait: () => stepWaits(step, words.waits),
    timeoutError: (ms) =>
      new TimeoutError(call(), core.name, `waited ${seconds(ms)} and ${words.missing}`, words.advice),
    interruptError: () =>
      new InterruptedError(
        call(),
        core.name,
        "was interrupted",
        "Nothing was lost: the handle is as before, and the cell can be run again.",
      ),
    onFailure: (error) => core.fail(step, error),
  };
}

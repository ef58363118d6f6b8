import { shown } from "../bytes/arguments";
import { shortText } from "../calls";
import { InterruptedError, TimeoutError } from "../errors";
import type { WaitOptions } from "../readiness";
import { ownCall, type Step, stepWaits } from "../trace";
import type { Core } from "./core";

/**
 * How long a call waits, once it is awaited, before it gives up: milliseconds.
 *
 * @internal
 */
export const DEFAULT_TIMEOUT = 10_000;

/** How a call waits. */
export interface Waiting {
  /** How long to wait at most, in milliseconds: 0 is one try, Infinity no deadline. The default is 10 s, counted from the `await`. */
  timeout?: number;
  /** Ends the wait when it is aborted; the wait rejects with its reason. */
  signal?: AbortSignal;
}

/**
 * The options of a call that was given none.
 *
 * @internal
 */
export const USUAL: Waiting = Object.freeze({});

/**
 * The words of one kind of wait.
 *
 * @internal
 */
export interface Words {
  /** Follows the call in its line: "waits for a client". */
  waits: string;
  /** What has not happened: "no client has connected to 127.0.0.1:20733". */
  missing: string;
  /** What to do about it. */
  advice: string;
  /** What the system has taken or given until now, when that is something: an interrupt or a close does not undo it. */
  done?: string | undefined;
}

/** A duration for people: `50 ms`, `10 s`. */
function seconds(milliseconds: number): string {
  return milliseconds >= 1000
    ? `${Number((milliseconds / 1000).toFixed(1))} s`
    : `${Number(milliseconds.toFixed(1))} ms`;
}

/**
 * Looks at the options of a call before the call begins.
 *
 * @throws TypeError or RangeError for a timeout or a signal that is none
 *
 * @internal
 */
export function checkWaiting(waiting: unknown): void {
  if (waiting === USUAL) return;
  if (typeof waiting !== "object" || waiting === null) {
    throw new TypeError(`The options are an object such as { timeout: 500 }, not ${shown(waiting)}.`);
  }
  const { timeout, signal } = waiting as { [name in keyof Waiting]: unknown };
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError("signal is the signal of an AbortController.");
  }
  if (timeout === undefined) return;
  if (typeof timeout !== "number") throw new TypeError(`timeout is a number of milliseconds, not ${shown(timeout)}.`);
  if (Number.isNaN(timeout) || timeout < 0)
    throw new RangeError(`timeout is 0 or more milliseconds, or Infinity, not ${timeout}.`);
}

/**
 * The options of a wait that belongs to a step of a handle, or to several steps, one after the other.
 *
 * @internal
 */
export function waitOptions(
  core: Core,
  step: Step | (() => Step),
  waiting: Waiting,
  words: Words | (() => Words),
): WaitOptions {
  const current = typeof step === "function" ? step : () => step;
  const said = typeof words === "function" ? words : () => words;
  const call = (): string => {
    const record = ownCall(current());
    return record === undefined ? `${current().name}(${core.fd})` : shortText(record.call);
  };
  return {
    timeout: waiting.timeout,
    defaultTimeout: DEFAULT_TIMEOUT,
    signal: waiting.signal,
    background: core.background,
    onWait: () => stepWaits(current(), said().waits),
    timeoutError: (ms) =>
      new TimeoutError(call(), core.name, `waited ${seconds(ms)} and ${said().missing}`, said().advice),
    interruptError: () =>
      new InterruptedError(
        call(),
        core.name,
        "was interrupted",
        said().done ?? "Nothing was lost: the handle is as before, and the cell can be run again.",
      ),
    closedError: () => {
      const error = core.closedError(current().name ?? "close", call());
      const { done } = said();
      if (done !== undefined) error.advice = `${done} ${error.advice}`;
      return error;
    },
    onFailure: (error) => core.fail(current(), error),
  };
}

import { isOf } from "../bytes/arguments";
import { startedBy } from "../cells";
import { InterruptedError, TimeoutError } from "../errors";
import { SENTENCES } from "../errors/sentences";
import { DEFAULT_TIMEOUT, standsAlone, tellPlace } from "../handles/wait-options";
import { isAborted, onAbort, reactor, reasonOf, stopWasTold, UsualDeadline, Wait } from "../readiness";
import type { Answer, CancelReason } from "./messages";
import { unpackError } from "./pack-error";

/** How much longer than its call the other process may take to answer: milliseconds. Only one that is stopped or busy takes longer. */
const PATIENCE = 500;
/** Deadlines longer than a timer can hold (24.8 days) are no deadlines. */
const LONGEST_TIMER = 0x7fffffff;

/** A call that was sent to the other process and has not been answered. */
export interface PendingCall<T> {
  readonly wait: Wait<T>;
  settle(answer: Answer): void;
  /** Ends it without an answer. */
  fail(error: unknown): void;
}

interface Options<T> {
  /** The call as the trace shows it, and the lane it is in. */
  call: string;
  handle: string;
  signal: AbortSignal | undefined;
  /** Where in its cell it stands, where that is known. */
  where: string | undefined;
  /** The deadline that the learner gave. The other process keeps it, as long as it runs. */
  timeout: number | undefined;
  /** The deadline that the socket itself has, or 0: the other process keeps that one too. */
  longestTimeout: number;
  /** The process, for the words of the error when it does not answer: "process 4711 (rival)". */
  process: string;
  /** Makes the value that the learner gets. */
  finish: (answer: { value: unknown } | Extract<Answer, { handle: unknown }>) => T;
  /** Tells the other process. */
  cancel: (why: CancelReason) => void;
  /** Looks once more at an error of the other process. */
  explain: (error: Error) => Error;
}

/**
 * Waits for an answer as a local call waits for its socket: an interrupt of the running cell ends the wait, and in a plain program it
 * keeps the process alive.
 *
 * A call that is given up is not rejected at once: the other process is asked to stop waiting. If the call has returned there meanwhile,
 * its value arrives first, and nothing is lost.
 */
export function pendingCall<T>(options: Options<T>): PendingCall<T> {
  let over = false;
  let withdraw: (() => void) | undefined;
  let reason: unknown;
  let deadline: NodeJS.Timeout | undefined;
  let patience: NodeJS.Timeout | undefined;
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const wait = new Wait<T>((...settlers) => {
    [resolve, reject] = settlers as [(value: T) => void, (error: unknown) => void];
  }).onAwait({
    awaited() {
      if (!over && options.timeout === undefined) usual.awaited();
    },
  });
  // The other process keeps those that it knows of: one that was given, and that of the socket.
  const usualTime = Math.max(DEFAULT_TIMEOUT, options.longestTimeout);
  const usual = new UsualDeadline(usualTime, () =>
    giveUp(silent(options), {
      passed: usualTime,
      alone: standsAlone(options.where),
    }),
  );
  const startDeadline = (milliseconds: number): void => {
    if (deadline !== undefined || milliseconds + PATIENCE > LONGEST_TIMER) return;
    deadline = setTimeout(() => giveUp(silent(options)), milliseconds + PATIENCE).unref();
  };
  const finish = (action: () => void): void => {
    if (over) return;
    over = true;
    clearTimeout(deadline);
    clearTimeout(patience);
    usual.cancel();
    withdraw?.();
    reactor().ended(waiter);
    action();
  };
  const fail = (error: unknown): void =>
    finish(() => {
      if (isOf(error, InterruptedError)) stopWasTold(waiter.run);
      tellPlace(error, options.where);
      reject(error);
    });
  const giveUp = (error: unknown, why?: CancelReason): void => {
    if (over || patience !== undefined) return;
    reason = error;
    options.cancel(why);
    patience = setTimeout(() => fail(reason), PATIENCE).unref();
  };
  const aborted = (): void => giveUp(options.signal && reasonOf(options.signal));
  const waiter = {
    run: startedBy(),
    background: false,
    fail: (why: unknown) => giveUp(why),
    interrupt: () => {
      giveUp(interrupted(options), "interrupted");
      return false;
    },
    close: () => {},
    advance: () => false,
  };
  reactor().began(waiter);
  if (options.timeout !== undefined) startDeadline(options.timeout);
  const { signal } = options;
  if (signal !== undefined && isAborted(signal)) aborted();
  else if (signal !== undefined) withdraw = onAbort(signal, aborted);
  const settle = (answer: Answer): void => {
    if ("cancelled" in answer) fail(reason);
    else if ("error" in answer) fail(options.explain(unpackError(answer.error)));
    else finish(() => resolve(options.finish(answer)));
  };
  return { wait, settle, fail };
}

function silent({ call, handle, process }: { call: string; handle: string; process: string }): TimeoutError {
  return new TimeoutError(call, handle, `got no answer from ${process}`, SENTENCES.processSilent());
}

/** The other process tells what an interrupt leaves behind; this is said when it does not answer. */
function interrupted({ call, handle, process }: { call: string; handle: string; process: string }): InterruptedError {
  return new InterruptedError(call, handle, "was interrupted", SENTENCES.outcomeUnknown(process));
}

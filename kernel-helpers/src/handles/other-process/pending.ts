import { InterruptedError } from "../../errors";
import { cellRun, reactor, Wait } from "../../readiness";
import type { Answer } from "./messages";
import { unpackError } from "./pack-error";

/** How long the other process has to answer that a call waits no longer: milliseconds. Only one that is stopped or busy takes longer. */
const PATIENCE = 500;

/** A call that was sent to the other process and has not been answered. */
export interface Pending<T> {
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
  /** Makes the value that the learner gets. */
  finish: (answer: { value: unknown } | Extract<Answer, { handle: unknown }>) => T;
  /** Tells the other process. */
  onAwait: () => void;
  cancel: () => void;
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
export function pend<T>(options: Options<T>): Pending<T> {
  let over = false;
  let reason: unknown;
  let timer: NodeJS.Timeout | undefined;
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const wait = new Wait<T>((...settlers) => {
    [resolve, reject] = settlers as [(value: T) => void, (error: unknown) => void];
  }).onAwait(() => {
    if (!over) options.onAwait();
  });
  const finish = (action: () => void): void => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", aborted);
    reactor().ended(waiter);
    action();
  };
  const fail = (error: unknown): void => finish(() => reject(error));
  const giveUp = (why: unknown): void => {
    if (over || timer !== undefined) return;
    reason = why;
    options.cancel();
    timer = setTimeout(() => fail(reason), PATIENCE).unref();
  };
  const aborted = (): void => giveUp(options.signal?.reason);
  const waiter = {
    run: cellRun(),
    background: false,
    fail: giveUp,
    interrupt: () => giveUp(interrupted(options)),
    close: () => {},
    advance: () => false,
  };
  reactor().began(waiter);
  if (options.signal?.aborted) aborted();
  else options.signal?.addEventListener("abort", aborted, { once: true });
  const settle = (answer: Answer): void => {
    if ("cancelled" in answer) fail(reason);
    else if ("error" in answer) fail(options.explain(unpackError(answer.error)));
    else finish(() => resolve(options.finish(answer)));
  };
  return { wait, settle, fail };
}

function interrupted({ call, handle }: { call: string; handle: string }): InterruptedError {
  return new InterruptedError(
    call,
    handle,
    "was interrupted",
    "Nothing was lost: the handle is as before, and the cell can be run again.",
  );
}

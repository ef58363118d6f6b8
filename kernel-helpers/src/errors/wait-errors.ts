import { inspect } from "node:util";
import { SENTENCES } from "./sentences";
import { block, wasExplained } from "./show";

/** A call that waited and did not come to its end. The call, the handle and the advice are shown without a JavaScript stack. */
export abstract class WaitError extends Error {
  /** What a program tells it by. */
  abstract readonly code: string;

  /** What a recvExactly() had got until then: it is in no queue any more. */
  data?: Buffer;

  /**
   * Makes the error: the helpers do it.
   *
   * @param call the call as the trace shows it, without its result
   * @param handle the lane: the handle's name, or undefined
   * @param happened what has not happened, in words that follow the call
   * @param advice what to run or change
   * @throws Errors: none
   */
  constructor(
    /** The call as the trace shows it: `accept(21)`. */
    readonly call: string,
    /** The name of the handle that waited. */
    readonly handle: string | undefined,
    /** What has not happened, in words that follow the call. */
    readonly happened: string,
    /** What to run or change. */
    readonly advice: string,
  ) {
    super(`${call} ${happened}. ${advice}`);
  }

  /**
   * What the cell shows for the error: the call, what happened, and what to do.
   *
   * @returns Returns these words as text
   * @throws Errors: none
   */
  [inspect.custom](): string {
    if (wasExplained(this)) return `${this.name}: ${this.call}`;
    return block(`${this.call} ${this.happened}`, this.handle, [this.advice]);
  }
}

/** The deadline of a wait passed. Its advice says what became of the call. */
export class TimeoutError extends WaitError {
  /** What a program tells it by. */
  readonly code = "ERR_WAIT_TIMEOUT";
  /** The name of this kind of error: "TimeoutError". */
  override get name(): string {
    return "TimeoutError";
  }
}

/** The kernel was interrupted while the call waited. Its advice says what became of the call. */
export class InterruptedError extends WaitError {
  /** What a program tells it by. */
  readonly code = "ERR_WAIT_INTERRUPTED";
  /** The name of this kind of error: "InterruptedError". */
  override get name(): string {
    return "InterruptedError";
  }
}

/** The stream has ended before all the bytes had come that recvExactly() was asked for. */
export class EndError extends WaitError {
  /** What a program tells it by. */
  readonly code = "ERR_STREAM_ENDED";
  /** The name of this kind of error: "EndError". */
  override get name(): string {
    return "EndError";
  }
}

/** The handle is in the middle of another call that excludes this one, for example a second connect; or so many calls wait already that it is a loop without `await`. */
export class BusyError extends WaitError {
  /** What a program tells it by. */
  readonly code = "ERR_HANDLE_BUSY";
  /** The name of this kind of error: "BusyError". */
  override get name(): string {
    return "BusyError";
  }
}

/** The thread that waits for sockets has ended, and with it every wait. */
export class ThreadError extends Error {
  readonly code = "ERR_WAIT_THREAD";
  constructor(why: string) {
    super(SENTENCES.threadEnded(why));
  }
  override get name(): string {
    return "ThreadError";
  }
}

import { inspect } from "node:util";
import { SENTENCES } from "./sentences";
import { block, wasExplained } from "./show";

/** A call that waited and did not come to its end. The call, the handle and the advice are shown without a JavaScript stack. */
export abstract class WaitError extends Error {
  /** What a program tells it by. */
  abstract readonly code: string;

  /** What a recvExactly() had got until then: it is in no queue any more. */
  data?: Buffer;

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

  [inspect.custom](): string {
    if (wasExplained(this)) return `${this.name}: ${this.call}`;
    return block(`${this.call} ${this.happened}`, this.handle, [this.advice]);
  }
}

/** The deadline of a wait passed. Its advice says what became of the call. */
export class TimeoutError extends WaitError {
  /** What a program tells it by. */
  readonly code = "ERR_WAIT_TIMEOUT";
  override get name(): string {
    return "TimeoutError";
  }
}

/** The kernel was interrupted while the call waited. Its advice says what became of the call. */
export class InterruptedError extends WaitError {
  /** What a program tells it by. */
  readonly code = "ERR_WAIT_INTERRUPTED";
  override get name(): string {
    return "InterruptedError";
  }
}

/** The peer has closed before all the bytes had come that recvExactly() was asked for. */
export class EndError extends WaitError {
  /** What a program tells it by. */
  readonly code = "ERR_STREAM_ENDED";
  override get name(): string {
    return "EndError";
  }
}

/** The handle is in the middle of another call that excludes this one, for example a second connect. */
export class BusyError extends WaitError {
  /** What a program tells it by. */
  readonly code = "ERR_HANDLE_BUSY";
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

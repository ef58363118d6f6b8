import { fields, isOf, shown } from "../bytes/arguments";
import { type CallName, failureOf, shortText } from "../calls";
import { currentCell, insideKernel } from "../cells";
import { InterruptedError, SocketError, TimeoutError } from "../errors";
import { SENTENCES } from "../errors/sentences";
import { errno } from "../facts";
import { type Direction, isAborted, type WaitTerms } from "../readiness";
import { ownCall, type Step, stepWaits } from "../trace";
import type { NamedSocket } from "./named-socket";
import { labelOf, waitingBefore } from "./waiting-before";

/**
 * How long a call waits, once it is awaited, before it gives up: milliseconds.
 *
 * @internal
 */
export const DEFAULT_TIMEOUT = 10_000;

/** How a call waits. */
export interface WaitOptions {
  /** How long to wait at most, in milliseconds: 0 is one try, Infinity no deadline. The default is 10 s from the `await`, while its cell runs. */
  timeout?: number;
  /** Ends the wait when it is aborted; the wait rejects with its reason. */
  signal?: AbortSignal;
}

/**
 * The options of a call that was given none.
 *
 * @internal
 */
export const USUAL: WaitOptions = Object.freeze({});

/**
 * Those of a call that is awaited at once, and waits without a deadline.
 *
 * @internal
 */
export const FOREVER: WaitOptions = Object.freeze({ timeout: Number.POSITIVE_INFINITY });

/**
 * The words of one kind of wait.
 *
 * @internal
 */
export interface WaitWords {
  /** Follows the call in its line: "waits for a client". */
  waits: string;
  /** What has not happened: "no client has connected to 127.0.0.1:20733". */
  missing: string;
  /** What to do about it, and the same where the learner gave a timeout: then the call waits no longer without `await`. */
  advice: string;
  adviceWithTimeout?: string;
  /** What an interrupt leaves behind; unless told, nothing was lost. */
  interrupted?: string;
}

/** A deadline of a call that is longer, in milliseconds, is none that is about to pass. */
const LONG = 100;

/** The calls for which SO_RCVTIMEO holds; for the others it is SO_SNDTIMEO. */
const RECEIVING: ReadonlySet<string> = new Set(["accept", "recv", "recvfrom", "recvmsg"]);

/** A duration for people: `50 ms`, `10 s`. */
function seconds(milliseconds: number): string {
  return milliseconds >= 1000
    ? `${Number((milliseconds / 1000).toFixed(1))} s`
    : `${Number(milliseconds.toFixed(1))} ms`;
}

function isSignal(value: unknown): boolean {
  try {
    return isOf(value, AbortSignal) && typeof isAborted(value) === "boolean";
  } catch {
    // It has the prototype of one, and is none.
    return false;
  }
}

/** As `fields` does it, for these three alone: 1 µs less for every call that is given options. */
function read(waiting: WaitOptions & { flags?: unknown }): WaitOptions & { flags?: unknown } {
  try {
    const { timeout, signal, flags } = waiting;
    return { timeout, signal, flags } as WaitOptions & { flags?: unknown };
  } catch {
    // Which of them throws is said by the one that asks for each alone.
    return fields("The options", waiting, ["timeout", "signal", "flags"]) as WaitOptions & { flags?: unknown };
  }
}

/**
 * Looks at the options of a call before the call begins. Returns them as plain data, each read once.
 *
 * @throws TypeError or RangeError for a timeout or a signal that is none
 *
 * @internal
 */
export function checkWaiting(waiting: unknown): WaitOptions & { flags?: unknown } {
  if (waiting === USUAL || waiting === FOREVER) return waiting as WaitOptions;
  if (typeof waiting !== "object" || waiting === null) {
    throw new TypeError(`The options are an object such as { timeout: 500 }, not ${shown(waiting)}.`);
  }
  const options = read(waiting as WaitOptions & { flags?: unknown });
  const { timeout, signal } = options;
  // A Proxy of a signal is none: its methods cannot be called.
  if (signal !== undefined && !isSignal(signal)) {
    throw new TypeError("signal is the signal of an AbortController.");
  }
  if (timeout === undefined) return options as WaitOptions;
  if (typeof timeout !== "number") throw new TypeError(`timeout is a number of milliseconds, not ${shown(timeout)}.`);
  if (Number.isNaN(timeout) || timeout < 0)
    throw new RangeError(`timeout is 0 or more milliseconds, or Infinity, not ${timeout}.`);
  return options as WaitOptions;
}

function whatToDo({ advice, adviceWithTimeout = advice }: WaitWords, mayWaitAlone: boolean): string {
  return mayWaitAlone ? advice : adviceWithTimeout;
}

/**
 * Whether a call that is awaited could wait in the background instead, if its `await` were left out. With a timeout of its own it could not;
 * in a loop the next round would begin at once, and in a function nobody knows what the rest of it needs.
 */
export function standsAlone(where: string | undefined): boolean {
  if (!insideKernel()) return true;
  return where !== undefined && currentCell()?.standsAlone?.(where) === true;
}

/** An error that ends a wait is made by the event loop, and its stack leads nowhere: it is told the place of the call. */
export function tellPlace(error: unknown, where: string | undefined): void {
  if (where !== undefined && isOf(error, Error)) currentCell()?.tellPlace?.(error, where);
}

/**
 * What is agreed with a wait that belongs to a step of a handle, or to several steps, one after the other.
 *
 * A call that has more to do when it waits or fails sets `onWait` or `onFailure`, and calls `waits` or `failed` there. One object, and
 * no functions of its own: a server makes one for each request.
 *
 * @internal
 */
export class CallTerms<T = never> implements WaitTerms<T> {
  readonly timeout: number | undefined;
  readonly asksLater: boolean;
  readonly label: string;
  /** SO_RCVTIMEO or SO_SNDTIMEO, whichever this wait ends with, in milliseconds; 0 for none. */
  private own: number;
  private readonly direction: Direction;
  private readonly waitsBehind: ReturnType<typeof waitingBefore> | undefined;
  progress?: () => number;
  reached?: () => T | undefined;
  more?: () => boolean;

  /** @param where the place of the call in its cell, where it is known */
  constructor(
    private readonly sock: NamedSocket,
    private readonly step: Step | (() => Step),
    private readonly waiting: WaitOptions,
    private readonly words: WaitWords | ((sock: NamedSocket, name: CallName) => WaitWords),
    private readonly where?: string,
  ) {
    const { name } = this.current;
    // The deadline of the socket itself, when it is the first one.
    this.direction = RECEIVING.has(name) ? "in" : "out";
    // Most waits are over before the system has answered, so where none is known of it is asked only when the wait lasts.
    this.asksLater = sock.timeouts[this.direction] === 0 && (waiting.timeout ?? Number.POSITIVE_INFINITY) > LONG;
    this.own = this.asksLater ? 0 : sock.askTimeLimit(this.direction);
    this.timeout = this.isOwn ? this.own : waiting.timeout;
    this.label = labelOf(name);
    this.waitsBehind = this.direction === "in" ? waitingBefore(sock) : undefined;
  }

  get defaultTimeout(): number {
    return this.sock.background ? Number.POSITIVE_INFINITY : DEFAULT_TIMEOUT;
  }

  get signal(): AbortSignal | undefined {
    return this.waiting.signal;
  }

  get background(): boolean {
    return this.sock.background;
  }

  get plain(): boolean {
    return this.waiting === FOREVER;
  }

  lateTimeout(): number {
    this.own = this.sock.askTimeLimit(this.direction);
    return this.isOwn ? this.own : 0;
  }

  onReady(at: number | undefined): void {
    this.current.readyAt = at;
  }

  onWait(): void {
    this.waits();
  }

  onFailure(error: unknown): void {
    this.failed(error);
  }

  /** Says that the call has to wait. */
  waits(): void {
    stepWaits(this.current, this.said.waits);
    this.waitsBehind?.tell();
  }

  /** Ends the step with the error that has ended the wait. */
  failed(error: unknown): void {
    this.sock.fail(this.current, error);
    tellPlace(error, this.where);
  }

  timeoutError(ms: number, alone = standsAlone(this.where)): Error {
    const { sock, waiting, said } = this;
    if (this.isOwn) return timedOut(sock, this.current, this.call, this.direction, this.own);
    const advice = whatToDo(said, waiting.timeout === undefined && alone) + this.forError;
    return new TimeoutError(this.call, sock.name, `waited ${seconds(ms)} and ${said.missing}`, advice);
  }

  interruptError(): Error {
    const left = (this.said.interrupted ?? SENTENCES.nothingLost()) + this.forError;
    return new InterruptedError(this.call, this.sock.name, "was interrupted", left);
  }

  closedError(): Error {
    return this.sock.closedError(this.current.name, this.call);
  }

  private get current(): Step {
    return typeof this.step === "function" ? this.step() : this.step;
  }

  private get said(): WaitWords {
    return typeof this.words === "function" ? this.words(this.sock, this.current.name) : this.words;
  }

  private get call(): string {
    const record = ownCall(this.current);
    return record === undefined ? `${this.current.name}(${this.sock.fd})` : shortText(record.call);
  }

  private get isOwn(): boolean {
    return this.own > 0 && this.own <= (this.waiting.timeout ?? this.own);
  }

  private get forError(): string {
    return this.waitsBehind?.forError() ?? "";
  }
}

/** What the system returns when SO_RCVTIMEO or SO_SNDTIMEO has passed (socket(7)): EAGAIN, of a connect EINPROGRESS. */
function timedOut(sock: NamedSocket, step: Step, call: string, direction: Direction, own: number): SocketError {
  const code = step.name === "connect" ? "EINPROGRESS" : "EAGAIN";
  const record = ownCall(step);
  const failure =
    record === undefined ? { syscall: step.name, call, fd: sock.fd } : failureOf(record.call, errno[code]!);
  const option = direction === "in" ? "SO_RCVTIMEO" : "SO_SNDTIMEO";
  return new SocketError({ ...failure, code }, SENTENCES.ownTimeout(option, sock.name, seconds(own)));
}

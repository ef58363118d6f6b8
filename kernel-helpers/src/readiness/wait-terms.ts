/** What an attempt returns when the call would have to wait. */
export const WOULD_BLOCK = Symbol("would block");

/** The reason of a signal that ends a wait as an interrupt of the cell does. */
export const INTERRUPTED = Symbol("interrupted");

/** The reason of a signal that ends a wait as its deadline does, after so many milliseconds. */
export class Expired {
  constructor(
    readonly milliseconds: number,
    /** Whether the call stands alone in its cell. */
    readonly alone: boolean,
  ) {}
}

/** A call that can be tried. */
export interface Attempt<T> {
  /** Tries it once: its value, WOULD_BLOCK, or a throw. */
  attempt(): T | typeof WOULD_BLOCK;
}

/** A call that may have to wait. */
export interface WaitingCall<T> extends Attempt<T> {
  /** It takes connections, and not data: a socket has only the one or the other. */
  readonly accepts?: boolean;
  /** Makes what is agreed with it when it has to, or when it fails. */
  terms(): WaitTerms<T>;
}

/** What is agreed with a call that waits. */
export interface WaitTerms<T = unknown> {
  /** The deadline in milliseconds. Without one, `defaultTimeout` starts when a running cell awaits. */
  readonly timeout?: number | undefined;
  readonly defaultTimeout: number;
  /** Whether `lateTimeout` is to be asked once the wait has lasted for a while. */
  readonly asksLater?: boolean;
  /** Asks for another deadline, in milliseconds from the beginning; 0 for none. */
  lateTimeout?(): number;
  readonly signal?: AbortSignal | undefined;
  /** Nobody has to know when it is awaited: it is at once, and has no deadline that begins then. Its promise is an ordinary one. */
  readonly plain?: boolean;
  /** A wait of a background server: an interrupt of the kernel leaves it alone. */
  readonly background?: boolean | undefined;
  /** Called when the first attempt would block. */
  onWait?(): void;
  /**
   * Called before the call is tried again, with the time at which the system has told that it need not wait any longer: the event loop may
   * come to it much later. Undefined where that is not known, and after a try that still would block.
   */
  onReady?(at: number | undefined): void;
  /** Whether there can be more although the call would block: it has not looked at all that was there. */
  more?(): boolean;
  /** What it is, for words about it: "recv (cell 3)". */
  readonly label?: string | undefined;
  /** What the call has done so far: the deadline begins anew when that has grown. */
  progress?(): number;
  /** Makes the error of a passed deadline. `alone`: whether the call stands alone in its cell, where somebody else has found that out. */
  timeoutError(milliseconds: number, alone?: boolean): Error;
  /** Makes the error of an interrupt. */
  interruptError(): Error;
  /** Makes the error of a descriptor that is closed while the call waits. */
  closedError(): Error;
  /** Called when the wait ends without success, before its promise is rejected. */
  onFailure?(error: unknown): void;
  /** What has been reached so far, after a wait that was given up: with it the wait ends well, unless it is undefined. */
  reached?(): T | undefined;
}

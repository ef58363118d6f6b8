import { formatSockaddr } from "../bytes";
import { getsockname } from "../calls/getsockname";
import type { CallName } from "../calls/table";
import { currentCell } from "../cells/cell";
import { ClosedError, SocketError } from "../errors";
import { SENTENCES } from "../errors/sentences";
import { constants } from "../facts/current";
import type { Direction } from "../readiness/poller";
import { type Attempt, Registration, type WaitOptions, WOULD_BLOCK } from "../readiness/registration";
import { Wait } from "../readiness/wait";
import { Backstage, beginStep, cancelStep, during, endStep, resultOf } from "../trace/recorder";
import { ownCall, type Step } from "../trace/step";
import { Again } from "./again";
import { explain } from "./explain";
import type { SocketFile } from "./socket-file";

/** Where and why a handle was closed, for the error of the next call on it. */
export interface Closing {
  cell: number | undefined;
  why: string;
}

/** What a handle is made of. The public class shows none of it. */
export class Core {
  fd: number;
  closed: Closing | undefined;
  /** The peer's address, where it is known without asking. */
  peer: string | undefined;
  /** The learner set SO_REUSEADDR, or bind has: it is not set again. */
  reuseIsSet = false;
  connecting = false;
  /** A connect failed: POSIX leaves the socket's state open, so the next connect makes a new one. */
  spoiled = false;
  /** How many connections were accepted through this handle: the number in the next one's name. */
  accepted = 0;
  background = false;
  /** The file that bind() has made, of a Unix-domain socket. */
  file: SocketFile | undefined;
  readonly again = new Again();
  readonly backstage: Backstage;
  private watch: Registration | undefined;
  private bound: string | undefined;

  constructor(
    readonly name: string,
    readonly family: number,
    readonly type: number,
    readonly protocol: number,
    fd: number,
    /** The handle whose accept() made this one. */
    readonly listener?: Core,
  ) {
    this.fd = fd;
    this.backstage = new Backstage(name);
  }

  /** The local address, where it is known without asking. A socket that was not bound yet has none: port 0 is told of it. */
  get local(): string | undefined {
    return this.bound;
  }

  set local(address: string | undefined) {
    this.bound = this.isInternet && address?.endsWith(":0") ? undefined : address;
  }

  get isDatagram(): boolean {
    return this.type === constants.SOCK_DGRAM;
  }

  get isInternet(): boolean {
    return this.family === constants.AF_INET || this.family === constants.AF_INET6;
  }

  /** Who waits for this descriptor; made when the first call has to wait. */
  get registration(): Registration {
    this.watch ??= new Registration(this.fd, this.backstage);
    return this.watch;
  }

  /**
   * Makes a call now if it can be made now, else as soon as the system says that it can.
   *
   * Nearly every call can: so what a wait needs is made only for one that has to. (With it, a send took 2 µs more.)
   *
   * @param signal the learner's, which can have been aborted already
   * @param options makes what a wait needs
   */
  makeOrWait<T>(
    direction: Direction,
    signal: AbortSignal | undefined,
    attempt: Attempt<T>,
    options: () => WaitOptions,
  ): Promise<T> {
    if (signal?.aborted !== true && this.isNext(direction)) {
      try {
        const value = attempt();
        if (value !== WOULD_BLOCK) return Promise.resolve(value);
      } catch (error) {
        options().onFailure?.(error);
        return Wait.reject(error) as Wait<T>;
      }
    }
    return this.registration.wait(direction, attempt, { ...options(), afterFirstAttempt: true });
  }

  /** Whether a call may be tried before anything else. */
  private isNext(direction: Direction): boolean {
    // While a connect is under way, a receive would take the error away that tells the connect how it ended.
    if (direction === "in" && this.connecting) return false;
    return this.watch === undefined || this.watch.isFree(direction);
  }

  /** How many calls wait on this handle. */
  get waiting(): number {
    return this.watch?.waiting ?? 0;
  }

  /**
   * The error of a call on a closed handle.
   *
   * @param call the call as the trace shows it, when it waited while the handle was closed
   */
  closedError(name: CallName, call?: string): ClosedError {
    const where = this.closed?.cell === undefined ? "" : ` in cell ${this.closed.cell}`;
    const why = `${this.closed?.why ?? SENTENCES.wasClosed()}${where}`;
    const advice = SENTENCES.closedRunAgain(why, this.listener?.name ?? this.name);
    const failure = { syscall: name, call: call ?? `${name}(${this.fd})`, fd: this.fd, handle: this.name };
    return new ClosedError(failure, advice, call !== undefined);
  }

  /** @throws ClosedError when the handle is closed */
  mustBeOpen(name: CallName): void {
    if (this.closed !== undefined) throw this.closedError(name);
  }

  /** Ends all waits and notes that the descriptor is gone. To be called before close(2). */
  markClosed(why: string): void {
    if (this.closed !== undefined) return;
    this.closed = { cell: currentCell()?.count, why };
    this.watch?.release();
    this.watch = undefined;
  }

  /** Ends all waits and forgets the descriptor; the handle gets another one. To be called before close(2). */
  forgetDescriptor(): void {
    this.watch?.release();
    this.watch = undefined;
    this.fd = -1;
    this.local = undefined;
    this.peer = undefined;
  }

  /** Begins a step of this handle. */
  begin(name: CallName): Step {
    this.mustBeOpen(name);
    const step = beginStep(this.name, name, this.fd);
    this.addressesOf(step);
    return step;
  }

  /** Ends a step well. */
  succeed(step: Step, result = ownCall(step)?.result ?? 0): void {
    this.addressesOf(step);
    endStep(step, resultOf(result));
  }

  /** Ends a step with an error, which is told what this handle knows about it. */
  fail(step: Step, error: unknown): void {
    if (error instanceof ClosedError) endStep(step, { ended: "closed" });
    else if (error instanceof SocketError) {
      error.handle = this.name;
      endStep(step, { error: error.code, errno: error.errno });
      explain(error, this);
    } else if (step.calls.length === 0 && step.waitedFrom === undefined) cancelStep(step);
    else endStep(step, { ended: error instanceof Error && error.name === "TimeoutError" ? "timeout" : "interrupted" });
  }

  /** Makes a call that never waits, as one step. */
  now<T>(name: CallName, action: () => T): T {
    const step = this.begin(name);
    try {
      const value = during(step, action);
      this.succeed(step);
      return value;
    } catch (error) {
      this.fail(step, error);
      throw error;
    }
  }

  /** Makes calls that the learner did not write: they appear in the exact trace only. */
  quietly<T>(action: () => T): T {
    return during(this.backstage, action);
  }

  /** Notes the local address, as the system tells it. */
  learnLocal(): void {
    const address = getsockname(this.fd);
    this.local = address === undefined ? undefined : formatSockaddr(address);
  }

  private addressesOf(step: Step): void {
    if (this.local !== undefined) step.local = this.local;
    if (this.peer !== undefined) step.peer = this.peer;
  }
}

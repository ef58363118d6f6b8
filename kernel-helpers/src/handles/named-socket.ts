import { formatSockaddr } from "../bytes";
import { isOf } from "../bytes/arguments";
import { getsockname } from "../calls/getsockname";
import type { CallName } from "../calls/table";
import { cellRun, currentCell } from "../cells/cell";
import { sections } from "../cells/whole";
import { type BusyError, ClosedError, SocketError, TimeoutError } from "../errors";
import { SENTENCES } from "../errors/sentences";
import { constants } from "../facts/current";
import { errno } from "../facts/errno";
import { isAborted } from "../readiness/aborting";
import type { Direction } from "../readiness/poller";
import { Registration } from "../readiness/registration";
import { afterStop, mayWait, never, stopped } from "../readiness/stopped";
import { handedOver, RESULTS_WAIT, tooMany, tooManyPutOff, turn } from "../readiness/turn";
import { Wait } from "../readiness/wait";
import { type WaitingCall, type WaitTerms, WOULD_BLOCK } from "../readiness/wait-terms";
import type { Waiter } from "../readiness/waiter";
import { resultOf } from "../trace/kept-steps";
import { Backstage, beginStep, cancelStep, during, endStep, lastCall } from "../trace/recorder";
import { ownCall, type Step } from "../trace/step";
import { EarlierCalls } from "./earlier-calls";
import { explain } from "./explain";
import { type Identity, identityOf } from "./identity";
import type { Closing, OwnSocket } from "./open-socket";
import type { SocketFile } from "./socket-file";
import { timeLimit } from "./time-limit";

/** So many calls may wait on a handle. More are a loop without `await`, which nothing else would end before the memory does, and a close would take minutes. */
const MOST_WAITS = 10_000;
const CALLS_WAIT = "was not made: 10,000 calls wait there already";

/** The socket behind a handle, under the handle's name. The public class shows none of it. */
export class NamedSocket implements OwnSocket {
  fd = -1;
  closed: Closing | undefined;
  /** The peer's address, where it is known without asking. */
  peer: string | undefined;
  /** The learner set SO_REUSEADDR, or bind has: it is not set again. */
  reuseIsSet = false;
  connecting = false;
  /** A shutdown() has taken back the handshake that was under way. */
  handshakeUndone = false;
  /** A connect failed: POSIX leaves the socket's state open, so the next connect makes a new one. */
  spoiled = false;
  /** How many connections were accepted through this handle: the number in the next one's name. */
  accepted = 0;
  /** SO_RCVTIMEO and SO_SNDTIMEO as they were last known, in milliseconds: how long a call waits at most; 0 is no limit. */
  readonly timeouts: Record<Direction, number> = { in: 0, out: 0 };
  /** It belongs to a server: an interrupt leaves its waits alone, they have no deadline, and no cell that is run again makes its calls. */
  background = false;
  /** It receives no more, because its own shutdown() says so. */
  receivingIsShut = false;
  /** The run of the cell in which it has received the end of the stream, and how often. */
  private endIn: unknown;
  private ends = 0;
  /** The file that bind() has made, of a Unix-domain socket. */
  file: SocketFile | undefined;
  readonly earlierCalls = new EarlierCalls();
  private whenClosed: (() => void) | undefined;
  readonly backstage: Backstage;
  private watch: Registration | undefined;
  /** What waits for something to come waits for connections. */
  private acceptWaits = false;
  private bound: string | undefined;
  private identity: Identity | undefined;
  /** The run of the cell in which its descriptor was looked at last. */
  private lookedIn: unknown;

  constructor(
    readonly name: string,
    readonly family: number,
    readonly type: number,
    readonly protocol: number,
    fd: number,
    /** The handle whose accept() made this one. */
    readonly listener?: NamedSocket,
  ) {
    this.backstage = new Backstage(name);
    this.takeDescriptor(fd);
  }

  /** @param whenClosed called once, when it is closed */
  serveInBackground(whenClosed?: () => void): void {
    this.background = true;
    this.whenClosed = whenClosed;
    this.earlierCalls.none();
  }

  /** Has this descriptor from now on. */
  takeDescriptor(fd: number): void {
    this.fd = fd;
    this.receivingIsShut = false;
    this.ends = 0;
    this.identity = fd < 0 ? undefined : identityOf(fd);
  }

  /**
   * Whether its descriptor still leads to its socket. Other code can have closed it, and the system given the number to a file: a call
   * would go there, and a close(2) close it. When it does not, the handle is closed, and its number is left alone.
   */
  hasItsDescriptor(): boolean {
    const now = identityOf(this.fd);
    if (now !== undefined && now.inode === this.identity?.inode && now.device === this.identity.device) return true;
    this.markClosed(SENTENCES.otherCode());
    return false;
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
    this.watch ??= new Registration(this.fd, this.backstage, undefined, this.background);
    return this.watch;
  }

  /**
   * Makes a call now if it can be made now, else as soon as the system says that it can.
   *
   * Nearly every call can: so what a wait needs is made only for one that has to. (With it, a send took 2 µs more.)
   *
   * @param signal the learner's, which can have been aborted already
   * @param atOnce the call is made now, whoever waits: it never has to wait itself
   */
  makeOrWait<T>(
    direction: Direction,
    signal: AbortSignal | undefined,
    call: WaitingCall<T>,
    atOnce = false,
  ): Promise<T> {
    const end = stopped.any ? this.endOfStopped(call) : undefined;
    if (end !== undefined) return end;
    if (tooManyPutOff()) throw this.tooMany(call.terms(), RESULTS_WAIT);
    if (atOnce || ((signal === undefined || !isAborted(signal)) && this.isNext(direction, call.accepts))) {
      try {
        const value = call.attempt();
        if (value !== WOULD_BLOCK) return inTurn(Promise.resolve(value), this.background);
      } catch (error) {
        const terms = call.terms();
        terms.onFailure?.(error);
        const value = terms.reached?.();
        return inTurn(value === undefined ? (Wait.reject(error) as Wait<T>) : Promise.resolve(value), this.background);
      }
    }
    const terms = call.terms();
    if (stopped.any && !this.background && !mayWait()) {
      terms.onFailure?.(terms.interruptError());
      return never();
    }
    if (this.waiting >= MOST_WAITS) throw this.tooMany(terms, CALLS_WAIT, SENTENCES.tooManyWait());
    if (direction === "in") this.acceptWaits = call.accepts === true;
    return this.registration.wait(direction, call, terms);
  }

  private tooMany(terms: WaitTerms, why: string, advice?: string): BusyError {
    const call = `${terms.label?.split(" ")[0]}(${this.fd})`;
    const error = tooMany(call, this.name, `on "${this.name}" ${why}`, advice);
    terms.onFailure?.(error);
    return error;
  }

  /** What a call gets that code of an interrupted cell makes, unless it is made all the same. */
  endOfStopped<T>(call: Pick<WaitingCall<T>, "terms">): Wait<T> | undefined {
    const then = this.background ? "goes on" : afterStop();
    if (then === "goes on") return undefined;
    const terms = call.terms();
    const error = terms.interruptError();
    terms.onFailure?.(error);
    return then === "fails" ? (Wait.reject(error) as Wait<T>) : never();
  }

  /** Whether a call may be tried before anything else. */
  private isNext(direction: Direction, accepts = false): boolean {
    // While a connect is under way, a receive would take the error away that tells the connect how it ended.
    if (direction === "in" && this.connecting) return false;
    if (this.watch === undefined) return true;
    // Behind the other kind nothing is to be waited for: the system says at once what is wrong.
    if (direction === "in" && accepts !== this.acceptWaits && !this.watch.isFree("in")) return true;
    // A server's conversation is not asked for what is known: that nothing has come since it gave all it had. Learners see each try.
    return this.watch.isFree(direction) && !(direction === "in" && this.background && this.watch.isEmpty);
  }

  /** Notes that a receive has got less than it had room for. */
  gaveLess(): void {
    if (this.background && this.isInternet && this.type === constants.SOCK_STREAM) this.watch?.gaveLess();
  }

  /** The call that waits longest in this direction. */
  firstWaiting(direction: Direction): Waiter | undefined {
    return this.watch?.first(direction);
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
    const failure = { syscall: name, call: call ?? `${name}(${this.fd})`, fd: this.fd, handle: this.name };
    return new ClosedError(failure, this.adviceOfClosing(), call !== undefined);
  }

  private adviceOfClosing(): string {
    const where = this.closed?.cell === undefined ? "" : ` in cell ${this.closed.cell}`;
    const why = `${this.closed?.why ?? SENTENCES.wasClosed()}${where}`;
    const name = this.listener?.name ?? this.name;
    return this.background ? SENTENCES.closedServeAgain(why, name) : SENTENCES.closedRunAgain(why, name);
  }

  /** @throws ClosedError when the handle is closed */
  mustBeOpen(name: CallName): void {
    if (this.closed !== undefined) throw this.closedError(name);
    const run = currentCell()?.run;
    if (run === this.lookedIn) return;
    this.lookedIn = run;
    if (!this.hasItsDescriptor()) throw this.closedError(name);
  }

  /** Ends all waits and notes that the descriptor is gone. To be called before close(2). */
  markClosed(why: string): void {
    if (this.closed !== undefined) return;
    this.closed = { cell: currentCell()?.count, why };
    this.watch?.release();
    this.watch = undefined;
    this.whenClosed?.();
  }

  /** Ends all waits and forgets the descriptor; the handle gets another one. To be called before close(2). */
  forgetDescriptor(): void {
    this.watch?.release();
    this.watch = undefined;
    this.fd = -1;
    this.local = undefined;
    this.peer = undefined;
  }

  /** Notes that a receive has found the end of the stream. @returns whether it is the second time in this run of a cell: in a loop, likely */
  endsAgain(): boolean {
    const run = cellRun();
    this.ends = run === this.endIn ? this.ends + 1 : 1;
    this.endIn = run;
    return this.ends === 2 && !this.receivingIsShut;
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
    if (isOf(error, ClosedError)) endStep(step, { ended: "closed" });
    else if (isOf(error, SocketError)) {
      error.handle = this.name;
      endStep(step, { error: error.code, errno: error.errno });
      if (isOfDescriptor(error) && this.closed === undefined && !this.hasItsDescriptor())
        error.advice = this.adviceOfClosing();
      explain(error, this);
    } else if (step.calls.length === 0 && step.waitedFrom === undefined) cancelStep(step);
    else endStep(step, { ended: isOfTime(error) ? "timeout" : "interrupted" });
  }

  /** Makes a call that never waits, as one step. */
  now<T>(name: CallName, action: () => T): T {
    sections?.enter();
    let step: Step | undefined;
    try {
      step = this.begin(name);
      const value = during(step, action);
      this.succeed(step);
      return value;
    } catch (error) {
      if (step !== undefined) this.fail(step, error);
      throw error;
    } finally {
      sections?.leave();
    }
  }

  /** Makes calls that the learner did not write: they appear in the exact trace only. */
  quietly<T>(action: () => T): T {
    return during(this.backstage, action);
  }

  /** SO_RCVTIMEO or SO_SNDTIMEO, as the system tells it now. */
  askTimeLimit(direction: Direction): number {
    this.timeouts[direction] = timeLimit(this.fd, direction);
    return this.timeouts[direction];
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

/** Hands over the result of a call that has not waited; nearly always at once. */
export function inTurn<T>(settled: Promise<T>, background = false): Promise<T> {
  return lastCall.at < turn.endsAt ? settled : handedOver(settled, background);
}

/** A deadline has passed: ours, or that of `AbortSignal.timeout`. */
function isOfTime(error: unknown): boolean {
  return isOf(error, TimeoutError) || (isOf(error, DOMException) && error.name === "TimeoutError");
}

/** The errors of a descriptor that is closed, or leads to something else. */
function isOfDescriptor(error: SocketError): boolean {
  return error.errno === errno.EBADF || error.errno === errno.ENOTSOCK;
}

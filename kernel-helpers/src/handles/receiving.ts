import { decodeSockaddr } from "../bytes";
import { shown } from "../bytes/arguments";
import type { Tried } from "../calls/description";
import { neverWaits } from "../calls/limit";
import { poll } from "../calls/poll";
import { type RecvCall, type RecvfromCall, tryRecv, tryRecvfrom } from "../calls/recv";
import { isAtMark } from "../calls/sockatmark";
import { type Call, mustSucceed } from "../calls/table";
import { mayLeave, peeksFurther } from "../calls/written";
import { SENTENCES } from "../errors/sentences";
import { constants, facts } from "../facts/current";
import { errno } from "../facts/errno";
import { type WaitingCall, WOULD_BLOCK } from "../readiness/wait-terms";
import { during, endStep, say, stepWaits } from "../trace/recorder";
import type { Step } from "../trace/step";
import type { CallPlace, Earlier } from "./earlier-calls";
import { type EndPoint, endPoint } from "./end-point";
import type { NamedSocket } from "./named-socket";
import { CallTerms, checkWaiting, type WaitOptions, type WaitWords } from "./wait-options";

/**
 * How many bytes a receive takes at most, when it is not told. No datagram is longer.
 *
 * @internal
 */
export const DEFAULT_LENGTH = 65_536;
const LONGEST = 0x4000_0000;

/** One memory for all receives: each is synchronous, and what arrived is copied out of it. */
const scratch = Buffer.allocUnsafeSlow(DEFAULT_LENGTH);

/** A datagram and who sent it. */
export interface Datagram {
  /** Its bytes, as many as were asked for at most; a datagram can be empty. */
  data: Buffer;
  /** The sender. */
  from: EndPoint;
  /** The datagram was longer than the length asked for: the rest of it is gone. */
  truncated: boolean;
}

/**
 * @throws TypeError or RangeError for a length that cannot be received
 *
 * @internal
 */
export function checkedLength(length: unknown): number {
  if (typeof length !== "number") throw new TypeError(`The length is a number of bytes, not ${shown(length)}.`);
  if (!Number.isInteger(length) || length < 0 || length > LONGEST) {
    throw new RangeError(`The length is a whole number of bytes from 0 to ${LONGEST}, not ${length}.`);
  }
  return length;
}

/**
 * What is received, and what is made of it.
 *
 * @internal
 */
export interface Receiver<T, D extends Tried<Call>> {
  readonly name: "recv" | "recvfrom" | "recvmsg";
  /** Makes the call, into this memory. */
  call(sock: NamedSocket, buffer: Buffer, length: number, flags: number): D;
  /** Makes of what was received what the learner gets. */
  finish(data: Buffer, done: D, length: number): T;
  /** It was given up. */
  failed?(): void;
}

/**
 * One recv(2) on a handle.
 *
 * With a flag such as MSG_TRUNC the system can count bytes that it does not write: on a TCP stream it throws them away. What an earlier
 * receive has left in the memory must not be shown then: as many zeros come back.
 *
 * @internal
 */
export function callRecv(sock: NamedSocket, buffer: Buffer, length: number, flags: number): Tried<RecvCall> {
  if (mayLeave(flags)) buffer.fill(0, 0, length);
  return tryRecv(sock.fd, buffer, length, flags);
}

/**
 * Bytes, as they are.
 *
 * @internal
 */
export const BYTES: Receiver<Buffer, Tried<RecvCall>> = { name: "recv", call: callRecv, finish: (data) => data };

/**
 * A datagram with its sender.
 *
 * @internal
 */
export const DATAGRAM: Receiver<Datagram, Tried<RecvfromCall>> = {
  name: "recvfrom",
  call(sock, buffer, length, flags) {
    // recvfrom does not tell when it cut a datagram, unless it is asked by this flag: then the result is the true length.
    const asked = sock.isDatagram && facts.os === "linux" ? constants.MSG_TRUNC & ~flags : 0;
    if (mayLeave(flags)) buffer.fill(0, 0, length);
    // A peek that begins further on counts the whole datagram all the same: nobody could say how much of it was written.
    const added = asked !== 0 && (flags & constants.MSG_PEEK) !== 0 && peeksFurther(sock.fd) ? 0 : asked;
    return tryRecvfrom(sock.fd, buffer, length, flags, added);
  },
  finish(data, done, length) {
    const { from, fromLength = 0 } = done.call;
    const sender = from === undefined ? undefined : decodeSockaddr(from, fromLength);
    return { data, from: endPoint(sender), truncated: done.result > length };
  },
};

/** How many bytes are copied one by one: for the few of a message that is twice as fast as any method. */
const FEW = 64;

/** The bytes that were received, copied out of the memory for all receives. */
function taken(buffer: Buffer, count: number): Buffer {
  if (count > FEW) return Buffer.from(buffer.subarray(0, count));
  const data = Buffer.allocUnsafe(count);
  for (let i = 0; i < count; i++) data[i] = buffer[i] as number;
  return data;
}

function wordsOf(sock: NamedSocket, name: string): WaitWords {
  return {
    waits: sock.isDatagram ? SENTENCES.waitsForDatagram() : SENTENCES.waitsForData(),
    missing: sock.peer === undefined ? SENTENCES.nothingArrived() : SENTENCES.nothingArrivedFrom(sock.peer),
    advice: SENTENCES.runSender(name),
    adviceWithTimeout: SENTENCES.runSenderLonger(),
  };
}

/**
 * One call that receives, on a handle.
 *
 * @internal
 */
export function receive<T, D extends Tried<Call>>(
  sock: NamedSocket,
  receiver: Receiver<T, D>,
  length: number,
  flags: number,
  waiting: WaitOptions,
): Promise<T> {
  const { name } = receiver;
  sock.mustBeOpen(name);
  waiting = checkWaiting(waiting);
  const atOnce = flags !== 0 && neverWaits("in", flags);
  const place = sock.earlierCalls.place(name);
  if (flags !== 0 && !atOnce && waitsForAll(sock, flags))
    return receiveAll(sock, receiver, length, flags, waiting, place);
  const earlier = atOnce ? undefined : place?.earlier<T>();
  if (earlier?.pending !== undefined) {
    say(SENTENCES.stillWaits(name));
    return earlier.pending as Promise<T>;
  }
  const receiving = new Receiving(sock, receiver, length, flags, waiting, atOnce, place, earlier);
  const wait = sock.makeOrWait("in", waiting.signal, receiving, atOnce);
  if (receiving.step.end === undefined) place?.remember({ pending: wait });
  return wait;
}

/**
 * A receive that is under way.
 *
 * One object for its attempts and its end: what a server's conversation waits with lives as long as its client has nothing to say, and with
 * thousands of them the collector copies all of it.
 */
class Receiving<T, D extends Tried<Call>> implements WaitingCall<T> {
  readonly step: Step;
  private tried = false;

  constructor(
    private readonly sock: NamedSocket,
    private readonly receiver: Receiver<T, D>,
    private readonly length: number,
    private readonly flags: number,
    private readonly waiting: WaitOptions,
    private readonly atOnce: boolean,
    private readonly place: CallPlace | undefined,
    private readonly earlier: Earlier<T> | undefined,
  ) {
    this.step = sock.begin(receiver.name);
  }

  attempt(): T | typeof WOULD_BLOCK {
    const { sock, step, receiver, length, flags } = this;
    const buffer = length <= scratch.byteLength ? scratch : Buffer.allocUnsafeSlow(length);
    const done = during(step, () => receiver.call(sock, buffer, length, flags));
    if (done.result === -errno.EAGAIN! && !this.atOnce) return this.wouldBlock();
    const got = Math.min(done.result >= 0 ? done.result : mustSucceed(done.call, done.result), length);
    const value = receiver.finish(taken(buffer, got), done, length);
    sock.succeed(step, done.result);
    if (flags === 0 && got > 0 && got < length) sock.gaveLess();
    if (done.result === 0 && length > 0 && sock.type === constants.SOCK_STREAM && sock.endsAgain())
      say(SENTENCES.endAgain(receiver.name));
    this.place?.remember({ value });
    return value;
  }

  /** A cell that is run again gets what its first run got, unless something new is there. */
  private wouldBlock(): T | typeof WOULD_BLOCK {
    const { step, earlier } = this;
    const first = !this.tried;
    this.tried = true;
    if (!first || earlier === undefined) return WOULD_BLOCK;
    endStep(step, { error: "EAGAIN", errno: errno.EAGAIN! });
    say(SENTENCES.nothingNew(this.receiver.name));
    // Told once: a loop that comes here again in this run waits.
    this.place?.remember({ value: earlier.value });
    return earlier.value as T;
  }

  terms(): CallTerms<T> {
    return new ReceivingTerms<T>(this.sock, this.step, this.waiting, this.place, this.receiver);
  }
}

class ReceivingTerms<T> extends CallTerms<T> {
  constructor(
    sock: NamedSocket,
    step: Step,
    waiting: WaitOptions,
    private readonly place: CallPlace | undefined,
    private readonly receiver: Pick<Receiver<T, never>, "failed">,
  ) {
    super(sock, step, waiting, wordsOf, place?.where);
  }

  override onFailure(error: unknown): void {
    this.place?.forget();
    this.receiver.failed?.();
    this.failed(error);
  }
}

/**
 * Whether a receive waits until all of its length is there: of a stream, with MSG_WAITALL. With MSG_PEEK only TCP does: a Unix-domain
 * stream gives what is there (tried on blocking sockets).
 */
function waitsForAll(sock: NamedSocket, flags: number): boolean {
  if ((flags & constants.MSG_WAITALL) === 0 || sock.type !== constants.SOCK_STREAM) return false;
  return sock.isInternet || (flags & constants.MSG_PEEK) === 0;
}

/** After these a peek finds no more, however long one waits: the end, an error, or an urgent byte, before which a receive stops. */
const NO_MORE = constants.POLLRDHUP | constants.POLLHUP | constants.POLLERR | constants.POLLPRI;

/** Whether a peek at TCP that saw less than it asked for has seen all that it can see. */
function seesNoMore(sock: NamedSocket): boolean {
  const [entry] = sock.quietly(() => poll([{ fd: sock.fd, events: NO_MORE }], 0));
  return ((entry?.revents ?? 0) & NO_MORE) !== 0;
}

/**
 * Receives until all of the length is there, as recv(2) says of MSG_WAITALL; one line for each call. It is less at the end of the stream,
 * before an urgent byte, and after an error, a deadline or a close when something has arrived already: nothing that was taken is lost. With
 * MSG_PEEK nothing is taken, so each call sees all from the beginning, and the last one counts.
 */
function receiveAll<T, D extends Tried<Call>>(
  sock: NamedSocket,
  receiver: Receiver<T, D>,
  length: number,
  flags: number,
  waiting: WaitOptions,
  place: CallPlace | undefined,
): Promise<T> {
  const { name } = receiver;
  const pending = place?.earlier<T>()?.pending;
  if (pending !== undefined) {
    say(SENTENCES.stillWaits(name));
    return pending;
  }
  const peeks = (flags & constants.MSG_PEEK) !== 0;
  const memory = peeks && length > scratch.byteLength ? Buffer.allocUnsafeSlow(length) : scratch;
  let parts: Buffer[] = [];
  let got = 0;
  let last: D | undefined;
  let step = sock.begin(name);
  let queued = false;
  const words = (): WaitWords => {
    const words = wordsOf(sock, name);
    return got === 0 ? words : { ...words, waits: SENTENCES.waitsForRest(words.waits, `${length - got}`) };
  };
  const value = (): T => receiver.finish(Buffer.concat(parts), last as D, length);
  const wait = sock.makeOrWait<T>("in", waiting.signal, {
    attempt() {
      for (;;) {
        // The call passes the urgent byte by when it begins there.
        if (got > 0 && !peeks && isAtMark(sock.fd)) {
          endStep(step, { error: "EAGAIN", errno: errno.EAGAIN! });
          return value();
        }
        const rest = peeks ? length : Math.min(length - got, memory.byteLength);
        const done = during(step, () => receiver.call(sock, memory, rest, flags));
        if (done.result === -errno.EAGAIN!) {
          if (queued && step.waitedFrom === undefined) stepWaits(step, words().waits);
          return WOULD_BLOCK;
        }
        const count = done.result >= 0 ? Math.min(done.result, rest) : mustSucceed(done.call, done.result);
        last = done;
        if (peeks) {
          parts = [taken(memory, count)];
          got = count;
          if (count > 0 && count < rest && !seesNoMore(sock)) {
            if (queued && step.waitedFrom === undefined) stepWaits(step, words().waits);
            return WOULD_BLOCK;
          }
          sock.succeed(step, done.result);
          return value();
        }
        sock.succeed(step, done.result);
        parts.push(taken(memory, count));
        got += count;
        if (count === 0 && got === 0 && length > 0 && sock.endsAgain()) say(SENTENCES.endAgain(name));
        if (count === 0 || got >= length || isAtMark(sock.fd)) return value();
        step = sock.begin(name);
      }
    },
    terms() {
      const terms = new CallTerms<T>(sock, () => step, waiting, words, place?.where);
      terms.onWait = () => {
        queued = true;
        terms.waits();
      };
      terms.reached = () => (got === 0 ? undefined : value());
      return terms;
    },
  });
  if (step.end === undefined) {
    place?.remember({ pending: wait });
    const over = (): void => place?.forget();
    Promise.prototype.then.call(wait, over, over);
  }
  return wait;
}

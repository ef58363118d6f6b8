import { decodeSockaddr, formatSockaddr, type SocketAddress } from "../bytes";
import { isOf } from "../bytes/arguments";
import { sockaddr } from "../calls/address";
import { type Data, part, payload, sizeOf } from "../calls/arguments";
import type { Tried } from "../calls/description";
import { sendFlags, trySend, trySendto } from "../calls/send";
import { type MessageToSend, trySendmsg } from "../calls/sendmsg";
import { type Call, mustSucceed } from "../calls/table";
import { SENTENCES } from "../errors/sentences";
import { SocketError } from "../errors/socket-error";
import { InterruptedError, TimeoutError } from "../errors/wait-errors";
import { constants } from "../facts/current";
import { errno } from "../facts/errno";
import { WOULD_BLOCK } from "../readiness/wait-terms";
import { during, say, stepWaits } from "../trace/recorder";
import type { NamedSocket } from "./named-socket";
import { CallTerms, checkWaiting, type WaitOptions, type WaitWords } from "./wait-options";

/** What a send waits for, and what is to be done about it: as it is now. */
function wordsOf(sock: NamedSocket): WaitWords {
  if (sock.connecting) {
    return {
      waits: SENTENCES.waitsForConnection(),
      missing: SENTENCES.notConnectedYet(),
      advice: SENTENCES.awaitConnect(),
      adviceWithTimeout: SENTENCES.awaitConnectLonger(),
    };
  }
  // Only a stream's and a Unix-domain receiver hold the sender up. A datagram on its way to the network waits for that alone.
  if (!sock.isDatagram || !sock.isInternet) {
    return {
      waits: SENTENCES.waitsForReader(),
      missing: SENTENCES.notRead(),
      advice: SENTENCES.runReceiver(),
      adviceWithTimeout: SENTENCES.runReceiverLonger(),
    };
  }
  if (sock.local === undefined)
    return { waits: SENTENCES.waitsForPort(), missing: SENTENCES.noPort(), advice: SENTENCES.closeSockets() };
  return { waits: SENTENCES.waitsForRoom(), missing: SENTENCES.notGone(), advice: SENTENCES.sendLater() };
}

/**
 * One call that sends, on a handle.
 *
 * @param call makes it
 * @param receiver the address that it named, if it named one
 */
function sendOnce<C extends Call>(
  sock: NamedSocket,
  name: "send" | "sendto" | "sendmsg",
  data: Uint8Array,
  atOnce: boolean,
  waiting: WaitOptions,
  call: (length: number) => Tried<C>,
  receiver: (call: C) => SocketAddress | undefined,
): Promise<number> {
  const length = sizeOf(data);
  const step = sock.begin(name);
  return sock.makeOrWait(
    "out",
    waiting.signal,
    {
      attempt() {
        mustBeThere(data, length);
        const done = during(step, () => call(length));
        if (done.result === -errno.EAGAIN! && !atOnce) return WOULD_BLOCK;
        const sent = done.result >= 0 ? done.result : mustSucceed(done.call, done.result);
        const to = receiver(done.call);
        if (to !== undefined) {
          // The first sendto gives an unbound socket its port.
          if (sock.local === undefined) during(step, () => sock.learnLocal());
          step.peer = formatSockaddr(to);
        }
        sock.succeed(step, sent);
        return sent;
      },
      terms: () => new CallTerms<number>(sock, step, waiting, wordsOf),
    },
    atOnce,
  );
}

/** One sendmsg(2) on a handle. */
export function sendmsgOn(
  sock: NamedSocket,
  message: MessageToSend,
  flags: number,
  waiting: WaitOptions,
): Promise<number> {
  waiting = checkWaiting(waiting);
  const data = payload(message.data);
  const checked = { ...message, data };
  const atOnce = (flagsFor(message.data, data, flags) & constants.MSG_DONTWAIT) !== 0;
  return sendOnce(
    sock,
    "sendmsg",
    data,
    atOnce,
    waiting,
    () => trySendmsg(sock.fd, checked, flags),
    ({ address }) => (address === undefined ? undefined : decodeSockaddr(address)),
  );
}

/** The flags of a send, which are not its length: neither that of the bytes, nor that of a text as JavaScript counts it. */
export function flagsFor(data: Data, bytes: Uint8Array, flags: number): number {
  return flags === 0 ? 0 : sendFlags(flags, sizeOf(bytes), typeof data === "string" ? data.length : sizeOf(bytes));
}

/** One send(2), or with an address one sendto(2), on a handle. */
export function sendOn(
  sock: NamedSocket,
  data: Uint8Array,
  flags: number,
  waiting: WaitOptions,
  to?: SocketAddress,
): Promise<number> {
  waiting = checkWaiting(waiting);
  const atOnce = flags !== 0 && (flags & constants.MSG_DONTWAIT) !== 0;
  if (to === undefined) {
    return sendOnce(sock, "send", data, atOnce, waiting, (length) => trySend(sock.fd, data, length, flags), nobody);
  }
  const address = sockaddr(to);
  return sendOnce(
    sock,
    "sendto",
    data,
    atOnce,
    waiting,
    (length) => trySendto(sock.fd, data, length, flags, address),
    () => to,
  );
}

/** A send names no address: its peer is known. */
function nobody(): undefined {}

/**
 * Repeats send(2) until everything is sent. The deadline holds for the whole, and so does the place in the queue: what is sent after it on
 * the same handle comes after it.
 */
export function sendAllOn(sock: NamedSocket, data: Uint8Array, waiting: WaitOptions): Promise<void> {
  sock.mustBeOpen("send");
  waiting = checkWaiting(waiting);
  const length = sizeOf(data);
  let sent = 0;
  let step = sock.begin("send");
  let queued = false;
  const taken = () => (sent === 0 ? SENTENCES.tookNone(`${length}`) : SENTENCES.tookSome(`${sent}`, `${length}`));
  const words = (): WaitWords => {
    const { waits, missing } = wordsOf(sock);
    const first = sock.connecting ? "" : `${SENTENCES.readFirst()} `;
    return { waits, missing, advice: first + taken(), interrupted: taken() };
  };
  return sock.makeOrWait<void>("out", waiting.signal, {
    attempt() {
      for (;;) {
        mustBeThere(data, length);
        const rest = part(data, sent, length);
        const done = during(step, () => trySend(sock.fd, rest, rest.byteLength, 0));
        if (done.result === -errno.EAGAIN!) {
          if (queued && step.waitedFrom === undefined) stepWaits(step, words().waits);
          return WOULD_BLOCK;
        }
        const count = done.result >= 0 ? done.result : mustSucceed(done.call, done.result);
        sock.succeed(step, count);
        sent += count;
        if (sent >= length) return;
        step = sock.begin("send");
      }
    },
    terms() {
      const terms = new CallTerms<void>(sock, () => step, waiting, words);
      terms.onWait = () => {
        queued = true;
        terms.waits();
      };
      // SO_SNDTIMEO holds for each send(2).
      if (waiting.timeout === undefined) terms.progress = () => sent;
      terms.onFailure = (error) => {
        terms.failed(error);
        // After an error of the connection the same call has the same end.
        const isOver = isOf(error, SocketError) && error.errno !== errno.EAGAIN;
        sayWhatWasTaken(error, sent === 0 && isOver ? SENTENCES.tookNothing(`${length}`) : taken());
      };
      return terms;
    },
  });
}

/** Whatever ends it too early: how many of the bytes the system has taken, in the error where that is ours. */
function sayWhatWasTaken(error: unknown, taken: string): void {
  if (isOf(error, SocketError)) error.advice += ` ${taken}`;
  else if (!isOf(error, TimeoutError) && !isOf(error, InterruptedError)) say(taken);
}

/** @throws TypeError when the memory of data that waits to be sent has another length by now: it was moved away, for example to a worker, or resized */
function mustBeThere(data: Uint8Array, length: number): void {
  if (sizeOf(data) === length) return;
  throw new TypeError(
    "The data is not what it was: its memory was moved to another thread, freed or resized before all of it was sent.",
  );
}

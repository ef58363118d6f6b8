import { decodeSockaddr, formatSockaddr, type SocketAddress } from "../bytes";
import { sockaddr } from "../calls/address";
import { type Data, part, payload, sizeOf } from "../calls/arguments";
import { sendFlags, trySend, trySendto } from "../calls/send";
import { type MessageToSend, trySendmsg } from "../calls/sendmsg";
import { mustSucceed } from "../calls/table";
import { ClosedError, SocketError } from "../errors/socket-error";
import { errno } from "../facts/errno";
import { WOULD_BLOCK } from "../readiness/registration";
import { during, stepWaits } from "../trace/recorder";
import type { Core } from "./core";
import { checkWaiting, type Waiting, waitOptions } from "./waiting";

const WORDS = {
  waits: "waits for room: the buffers are full",
  missing: "the other end has not read: the buffers are full",
  advice: "Run the cell in which the other end receives, or leave out `await` to let it wait in the background.",
};

/** One sendmsg(2) on a handle. */
export function sendmsgOn(core: Core, message: MessageToSend, flags: number, waiting: Waiting): Promise<number> {
  checkWaiting(waiting);
  const bytes = payload(message.data);
  const checked = { ...message, data: bytes };
  flagsFor(message.data, bytes, flags);
  const step = core.begin("sendmsg");
  return core.makeOrWait(
    "out",
    waiting.signal,
    () => {
      const done = during(step, () => trySendmsg(core.fd, checked, flags));
      if (done.result === -errno.EAGAIN!) return WOULD_BLOCK;
      const sent = done.result >= 0 ? done.result : mustSucceed(done.call, done.result);
      const to = done.call.address === undefined ? undefined : decodeSockaddr(done.call.address);
      if (to !== undefined) {
        if (core.local === undefined) during(step, () => core.learnLocal());
        step.peer = formatSockaddr(to);
      }
      core.succeed(step, sent);
      return sent;
    },
    () => waitOptions(core, step, waiting, WORDS),
  );
}

/** The flags of a send, which are not its length: neither that of the bytes, nor that of a text as JavaScript counts it. */
export function flagsFor(data: Data, bytes: Uint8Array, flags: number): number {
  return flags === 0 ? 0 : sendFlags(flags, sizeOf(bytes), typeof data === "string" ? data.length : sizeOf(bytes));
}

/** One send(2), or with an address one sendto(2), on a handle. */
export function sendOn(
  core: Core,
  data: Uint8Array,
  flags: number,
  waiting: Waiting,
  to?: SocketAddress,
): Promise<number> {
  checkWaiting(waiting);
  const length = sizeOf(data);
  const address = to === undefined ? undefined : sockaddr(to);
  const step = core.begin(to === undefined ? "send" : "sendto");
  return core.makeOrWait(
    "out",
    waiting.signal,
    () => {
      mustBeThere(data, length);
      const done = during(step, () =>
        address === undefined
          ? trySend(core.fd, data, length, flags)
          : trySendto(core.fd, data, length, flags, address),
      );
      if (done.result === -errno.EAGAIN!) return WOULD_BLOCK;
      const sent = done.result >= 0 ? done.result : mustSucceed(done.call, done.result);
      if (to !== undefined) {
        // The first sendto gives an unbound socket its port.
        if (core.local === undefined) during(step, () => core.learnLocal());
        step.peer = formatSockaddr(to);
      }
      core.succeed(step, sent);
      return sent;
    },
    () => waitOptions(core, step, waiting, WORDS),
  );
}

/**
 * Repeats send(2) until everything is sent. The deadline holds for the whole, and so does the place in the queue: what is sent after it on
 * the same handle comes after it.
 */
export function sendAllOn(core: Core, data: Uint8Array, waiting: Waiting): Promise<void> {
  core.mustBeOpen("send");
  checkWaiting(waiting);
  const length = sizeOf(data);
  let sent = 0;
  let step = core.begin("send");
  let queued = false;
  const taken = () => `The system has taken ${sent} of ${length} bytes.`;
  const words = () => ({
    ...WORDS,
    advice: `${taken()} ${WORDS.advice}`,
    done: sent === 0 ? undefined : `${taken()} To send only the rest: sendAll(data.subarray(${sent})).`,
  });
  return core.makeOrWait<void>(
    "out",
    waiting.signal,
    () => {
      for (;;) {
        mustBeThere(data, length);
        const rest = part(data, sent, length);
        const done = during(step, () => trySend(core.fd, rest, rest.byteLength, 0));
        if (done.result === -errno.EAGAIN!) {
          if (queued && step.waitedFrom === undefined) stepWaits(step, WORDS.waits);
          return WOULD_BLOCK;
        }
        const count = done.result >= 0 ? done.result : mustSucceed(done.call, done.result);
        core.succeed(step, count);
        sent += count;
        if (sent >= length) return;
        step = core.begin("send");
      }
    },
    () => {
      const options = waitOptions(core, () => step, waiting, words);
      const onWait = () => {
        queued = true;
        options.onWait?.();
      };
      const onFailure = (error: unknown) => {
        options.onFailure?.(error);
        if (sent > 0 && error instanceof SocketError && !(error instanceof ClosedError))
          error.advice = `${taken()} ${error.advice}`;
      };
      return { ...options, onWait, onFailure };
    },
  );
}

/** @throws TypeError when the memory of data that waits to be sent was moved away, for example to a worker */
function mustBeThere(data: Uint8Array, length: number): void {
  if (sizeOf(data) === length) return;
  throw new TypeError("The data is gone: its memory was moved to another thread or freed before all of it was sent.");
}

import { formatSockaddr, type SocketAddress } from "../bytes";
import { trySend, trySendto } from "../calls";
import { TimeoutError } from "../errors";
import { errno } from "../facts";
import { check } from "../libc";
import { Wait, WOULD_BLOCK } from "../readiness";
import { during } from "../trace";
import type { Core } from "./core";
import { checkedTimeout, DEFAULT_TIMEOUT, LONGEST_TIMER, type Waiting, waitOptions } from "./waiting";

const WORDS = {
  waits: "waits for room: the buffers are full",
  missing: "the other end has not read: the buffers are full",
  advice: "Run the cell in which the other end receives, or leave out `await` to let it wait in the background.",
};

/** One send(2), or with an address one sendto(2), on a handle. */
export function sendOn(
  core: Core,
  data: Uint8Array,
  flags: number,
  waiting: Waiting,
  to?: SocketAddress,
): Wait<number> {
  const step = core.begin(to === undefined ? "send" : "sendto");
  const options = waitOptions(core, step, waiting, WORDS);
  return core.registration.wait(
    "out",
    () => {
      const done = during(step, () =>
        to === undefined
          ? trySend(core.fd, data, data.byteLength, flags)
          : trySendto(core.fd, data, data.byteLength, flags, to),
      );
      if (done.result === -errno.EAGAIN!) return WOULD_BLOCK;
      const sent = check(done.call, done.result);
      if (to !== undefined) {
        // The first sendto gives an unbound socket its port.
        if (core.local === undefined) during(step, () => core.learnLocal());
        step.peer = formatSockaddr(to);
      }
      core.succeed(step, sent);
      return sent;
    },
    options,
  );
}

/** Repeats send(2) until everything is sent. The deadline holds for the whole. */
export function sendAllOn(core: Core, data: Uint8Array, waiting: Waiting): Wait<void> {
  core.mustBeOpen("send");
  const timeout = checkedTimeout(waiting.timeout);
  const giveUp = new AbortController();
  const forward = () => giveUp.abort(waiting.signal?.reason);
  waiting.signal?.addEventListener("abort", forward, { once: true });
  let sent = 0;
  let timer: NodeJS.Timeout | undefined;
  const startDeadline = (milliseconds: number): void => {
    if (timer !== undefined || milliseconds > LONGEST_TIMER) return;
    const error = () =>
      new TimeoutError(
        `send(${core.fd})`,
        core.name,
        `waited ${milliseconds / 1000} s and ${WORDS.missing}`,
        `${sent} of ${data.byteLength} bytes are sent. ${WORDS.advice}`,
      );
    timer = setTimeout(() => giveUp.abort(error()), milliseconds).unref();
  };
  const sendRest = async (): Promise<void> => {
    do {
      sent += await sendOn(core, data.subarray(sent), 0, { signal: giveUp.signal, timeout: Number.POSITIVE_INFINITY });
    } while (sent < data.byteLength);
  };
  const finish = (): void => {
    clearTimeout(timer);
    waiting.signal?.removeEventListener("abort", forward);
  };
  const wait = new Wait<void>((resolve, reject) => {
    if (waiting.signal?.aborted) forward();
    sendRest().finally(finish).then(resolve, reject);
  });
  if (timeout !== undefined) startDeadline(timeout);
  else wait.onAwait(() => startDeadline(DEFAULT_TIMEOUT));
  return wait;
}

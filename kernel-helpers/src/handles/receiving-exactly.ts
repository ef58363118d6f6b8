import { isOf } from "../bytes/arguments";
import { tryRecv } from "../calls/recv";
import { mustSucceed } from "../calls/table";
import { EndError, SocketError } from "../errors";
import { SENTENCES } from "../errors/sentences";
import { errno } from "../facts/errno";
import { WOULD_BLOCK } from "../readiness/wait-terms";
import { during, endStep, say, stepWaits } from "../trace/recorder";
import type { NamedSocket } from "./named-socket";
import { CallTerms, checkWaiting, type WaitOptions, type WaitWords } from "./wait-options";

const NAME = "recvExactly";

/**
 * Repeats recv(2) until so many bytes have come. The deadline holds for the whole, and so does the place in the queue. What had come when it
 * ends before is in no queue any more: the error has it, as its `data`.
 */
export function recvExactlyOn(sock: NamedSocket, length: number, waiting: WaitOptions): Promise<Buffer> {
  sock.mustBeOpen("recv");
  waiting = checkWaiting(waiting);
  if (sock.isDatagram) {
    throw new TypeError(
      `"${sock.name}" is a datagram socket: a datagram is taken whole, by recv() or recvfrom(). recvExactly() puts a stream together.`,
    );
  }
  const data = Buffer.alloc(length);
  if (length === 0) return Promise.resolve(data);
  const place = sock.earlierCalls.place(NAME);
  const earlier = place?.earlier<Buffer>();
  if (earlier?.pending !== undefined) {
    say(SENTENCES.stillWaits(NAME));
    return earlier.pending;
  }
  let got = 0;
  let step = sock.begin("recv");
  let tried = false;
  let queued = false;
  const wait = sock.makeOrWait<Buffer>("in", waiting.signal, {
    attempt() {
      for (;;) {
        const rest = data.subarray(got);
        const done = during(step, () => tryRecv(sock.fd, rest, rest.byteLength, 0));
        const first = !tried;
        tried = true;
        if (done.result === -errno.EAGAIN!) {
          if (first && earlier?.value !== undefined) {
            endStep(step, { error: "EAGAIN", errno: errno.EAGAIN! });
            say(SENTENCES.nothingNew(NAME));
            // Told once: a loop that comes here again in this run waits.
            place?.remember({ value: earlier.value });
            return earlier.value;
          }
          if (queued && step.waitedFrom === undefined) stepWaits(step, wordsOf(sock, got, length).waits);
          return WOULD_BLOCK;
        }
        const count = done.result >= 0 ? done.result : mustSucceed(done.call, done.result);
        sock.succeed(step, count);
        if (count === 0) throw ended(sock, got, length);
        got += count;
        if (got >= length) {
          place?.remember({ value: data });
          return data;
        }
        step = sock.begin("recv");
      }
    },
    terms() {
      const terms = new CallTerms<Buffer>(
        sock,
        () => step,
        waiting,
        () => wordsOf(sock, got, length),
        place?.where,
      );
      terms.onWait = () => {
        queued = true;
        terms.waits();
      };
      terms.onFailure = (error) => {
        place?.forget();
        // The step of the last recv has ended: it returned 0.
        if (!isOf(error, EndError)) terms.failed(error);
        if (got > 0) keepWhatCame(error, data.subarray(0, got), length);
      };
      // SO_RCVTIMEO holds for each recv(2).
      if (waiting.timeout === undefined) terms.progress = () => got;
      return terms;
    },
  });
  if (step.end === undefined) place?.remember({ pending: wait });
  return wait;
}

function wordsOf(sock: NamedSocket, got: number, length: number): WaitWords {
  const missing = `${length - got}`;
  const { peer } = sock;
  const words = {
    waits: SENTENCES.waitsForMore(missing),
    missing:
      peer === undefined
        ? SENTENCES.notAllArrived(missing, `${length}`)
        : SENTENCES.notAllArrivedFrom(missing, `${length}`, peer),
    advice: SENTENCES.runSender(NAME),
    adviceWithTimeout: SENTENCES.runSenderLonger(),
  };
  if (got === 0) return words;
  const gave = SENTENCES.gaveSome(`${got}`, `${length}`);
  return {
    ...words,
    advice: `${words.advice} ${gave}`,
    adviceWithTimeout: `${words.adviceWithTimeout} ${gave}`,
    interrupted: gave,
  };
}

/** What had come before an error, whatever it is: in its `data`, and in its words where they are ours to write. */
function keepWhatCame(error: unknown, data: Buffer, length: number): void {
  if (!isOf(error, Error)) return;
  try {
    Object.assign(error, { data });
  } catch {
    // The reason of a learner's signal, which takes nothing.
  }
  if (isOf(error, SocketError)) error.advice += ` ${SENTENCES.gaveSome(`${data.byteLength}`, `${length}`)}`;
}

function ended(sock: NamedSocket, got: number, length: number): EndError {
  const gave = got === 0 ? "" : ` ${SENTENCES.gaveSome(`${got}`, `${length}`)}`;
  return new EndError(
    `recv(${sock.fd})`,
    sock.name,
    SENTENCES.gotTooFew(`${got}`, `${length}`),
    SENTENCES.peerEnded() + gave,
  );
}

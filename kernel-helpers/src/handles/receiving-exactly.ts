import { tryRecv } from "../calls/recv";
import { mustSucceed } from "../calls/table";
import { EndError } from "../errors";
import { errno } from "../facts/errno";
import { WOULD_BLOCK } from "../readiness/registration";
import { during, stepWaits } from "../trace/recorder";
import type { Core } from "./core";
import { checkWaiting, type Waiting, waitOptions } from "./waiting";

/**
 * Repeats recv(2) until so many bytes have come. The deadline holds for the whole, and so does the place in the queue. What had come when it
 * ends before is in no queue any more: the error has it, as its `data`.
 */
export function recvExactlyOn(core: Core, length: number, waiting: Waiting): Promise<Buffer> {
  core.mustBeOpen("recv");
  checkWaiting(waiting);
  if (core.isDatagram) {
    throw new TypeError(
      `"${core.name}" is a datagram socket: a datagram is taken whole, by recv() or recvfrom(). recvExactly() puts a stream together.`,
    );
  }
  const data = Buffer.alloc(length);
  let got = 0;
  if (length === 0) return Promise.resolve(data);
  let step = core.begin("recv");
  let queued = false;
  const given = () => `The system has given ${got} of ${length} bytes`;
  const words = () => ({
    waits: `waits for ${length - got} more bytes`,
    missing: `${length - got} of ${length} bytes have not arrived${core.peer === undefined ? "" : ` from ${core.peer}`}`,
    advice: `${given()}${got === 0 ? "" : ", which the error has as its data"}. Run the cell in which the other end sends.`,
    done: got === 0 ? undefined : `${given()}, which the error has as its data: they are in no queue any more.`,
  });
  return core.makeOrWait<Buffer>(
    "in",
    waiting.signal,
    () => {
      for (;;) {
        const rest = data.subarray(got);
        const done = during(step, () => tryRecv(core.fd, rest, rest.byteLength, 0));
        if (done.result === -errno.EAGAIN!) {
          if (queued && step.waitedFrom === undefined) stepWaits(step, words().waits);
          return WOULD_BLOCK;
        }
        const count = done.result >= 0 ? done.result : mustSucceed(done.call, done.result);
        core.succeed(step, count);
        if (count === 0) throw ended(core, got, length);
        got += count;
        if (got >= length) return data;
        step = core.begin("recv");
      }
    },
    () => {
      const options = waitOptions(core, () => step, waiting, words);
      const onWait = () => {
        queued = true;
        options.onWait?.();
      };
      const onFailure = (error: unknown) => {
        // The step of the last recv has ended: it returned 0.
        if (!(error instanceof EndError)) options.onFailure?.(error);
        if (got > 0 && error instanceof Error) Object.assign(error, { data: data.subarray(0, got) });
      };
      return { ...options, onWait, onFailure };
    },
  );
}

function ended(core: Core, got: number, length: number): EndError {
  return new EndError(
    `recv(${core.fd})`,
    core.name,
    `got ${got} of ${length} bytes, and then the end of the stream`,
    `The peer has closed, or has shut down its sending side.${got === 0 ? "" : " What came is in the error, as its data."}`,
  );
}

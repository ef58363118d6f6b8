import { decodeSockaddr } from "../bytes";
import { shown } from "../bytes/arguments";
import type { Tried } from "../calls/description";
import { mayLeave, tryRecv, tryRecvfrom } from "../calls/recv";
import { type Call, mustSucceed } from "../calls/table";
import { constants, facts } from "../facts/current";
import { errno } from "../facts/errno";
import { WOULD_BLOCK } from "../readiness/registration";
import { during, endStep, say } from "../trace/recorder";
import { type EndPoint, endPoint } from "./address";
import type { Core } from "./core";
import { checkWaiting, type Waiting, type Words, waitOptions } from "./waiting";

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
 * One recv(2) on a handle.
 *
 * With a flag such as MSG_TRUNC the system can count bytes that it does not write: on a TCP stream it throws them away. What an earlier
 * receive has left in the memory must not be shown then: as many zeros come back.
 *
 * @internal
 */
export function recvOn(core: Core, length: number, flags: number, waiting: Waiting): Promise<Buffer> {
  return receive(
    core,
    "recv",
    length,
    waiting,
    (buffer) => {
      if (mayLeave(flags)) buffer.fill(0, 0, length);
      return tryRecv(core.fd, buffer, length, flags);
    },
    (buffer) => buffer,
  );
}

/**
 * One recvfrom(2) on a handle.
 *
 * @internal
 */
export function recvfromOn(core: Core, length: number, flags: number, waiting: Waiting): Promise<Datagram> {
  // recvfrom does not tell when it cut a datagram, unless it is asked by this flag: then the result is the true length.
  const added = core.isDatagram && facts.os === "linux" ? constants.MSG_TRUNC : 0;
  return receive(
    core,
    "recvfrom",
    length,
    waiting,
    (buffer) => {
      if (mayLeave(flags)) buffer.fill(0, 0, length);
      return tryRecvfrom(core.fd, buffer, length, flags, added & ~flags);
    },
    (data, done) => {
      const { from, fromLength = 0 } = done.call;
      const sender = from === undefined ? undefined : decodeSockaddr(from, fromLength);
      return { data, from: endPoint(sender), truncated: done.result > length };
    },
  );
}

/** How many bytes are copied one by one: for the few of a message that is twice as fast as any method. */
const FEW = 64;

/** The bytes that were received, copied out of the memory for all receives. */
function taken(buffer: Buffer, count: number): Buffer {
  if (count > FEW) return Buffer.from(buffer.subarray(0, count));
  const data = Buffer.allocUnsafe(count);
  for (let i = 0; i < count; i++) data[i] = buffer[i] as number;
  return data;
}

function wordsOf(core: Core, name: string): Words {
  return {
    waits: core.isDatagram ? "waits for a datagram" : "waits for data",
    missing: `nothing has arrived${core.peer === undefined ? "" : ` from ${core.peer}`}`,
    advice: `Run the cell in which the other end sends, or leave out \`await\` to let ${name} wait in the background.`,
  };
}

function receive<T, D extends Tried<Call>>(
  core: Core,
  name: "recv" | "recvfrom",
  length: number,
  waiting: Waiting,
  call: (buffer: Buffer) => D,
  finish: (data: Buffer, done: D) => T,
): Promise<T> {
  core.mustBeOpen(name);
  checkWaiting(waiting);
  const place = core.again.place(name);
  const earlier = place?.earlier<T>();
  if (earlier?.pending !== undefined) {
    say(`You ran this cell before, and its ${name} still waits: it goes on waiting.`);
    return earlier.pending as Promise<T>;
  }
  const step = core.begin(name);
  let tried = false;
  const wait = core.makeOrWait<T>(
    "in",
    waiting.signal,
    () => {
      const buffer = length <= scratch.byteLength ? scratch : Buffer.allocUnsafeSlow(length);
      const done = during(step, () => call(buffer));
      if (done.result === -errno.EAGAIN!) {
        const first = !tried;
        tried = true;
        if (!first || earlier === undefined) return WOULD_BLOCK;
        endStep(step, { error: "EAGAIN", errno: errno.EAGAIN! });
        say(
          `You ran this cell before, and nothing new has arrived: ${name} would wait. What the last run received stays.`,
        );
        // Told once: a loop that comes here again in this run waits.
        place?.remember({ value: earlier.value });
        return earlier.value as T;
      }
      const got = Math.min(done.result >= 0 ? done.result : mustSucceed(done.call, done.result), length);
      const value = finish(taken(buffer, got), done);
      core.succeed(step, done.result);
      place?.remember({ value });
      return value;
    },
    () => {
      const options = waitOptions(core, step, waiting, wordsOf(core, name));
      const onFailure = (error: unknown) => {
        place?.forget();
        options.onFailure?.(error);
      };
      return { ...options, onFailure };
    },
  );
  if (step.end === undefined) place?.remember({ pending: wait });
  return wait;
}

import { encodeOptionValue } from "../bytes/option-encode";
import { SENTENCES } from "../errors/sentences";
import { SocketError } from "../errors/socket-error";
import { constants } from "../facts/current";
import { errno } from "../facts/errno";
import { SO_RCVTIMEO, SO_SNDTIMEO } from "../facts/option-constants";
import { withContext } from "../libc/funnel";
import { type Description, failure, succeed, type Tried } from "./description";
import { openedHere } from "./descriptors";
import { setsockopt } from "./getsockopt";

/*
 * A call on a descriptor that blocks holds the whole kernel up while it waits: no cell, no timer, no interrupt. So such a wait has an end:
 * SO_RCVTIMEO or SO_SNDTIMEO is set before the first call that can wait. Then the system ends the call with EAGAIN (connect: EINPROGRESS)
 * after that time, and with EINTR as soon as the kernel is interrupted (man 7 signal: without the option it would begin again).
 */

/** In milliseconds: as long as poll() may wait. */
const LIMIT = 10_000;

/** On whose behalf the option is set: the exact trace prints it, the short one has a line for what the learner called. */
const BACKSTAGE = { handle: "calls", printed: true, pid: process.pid };

/** The waits of receives and accept, or those of sends and connect. */
export type Way = "in" | "out";

function limited(way: Way): "limitedIn" | "limitedOut" {
  return way === "in" ? "limitedIn" : "limitedOut";
}

/** Whether a call on this descriptor may wait without an end. */
export function isUnlimited(fd: number, way: Way): boolean {
  const known = openedHere(fd);
  return known === undefined || (known.blocks && !known[limited(way)]);
}

/**
 * Sees to it that a call that waits ends.
 *
 * @param call its arguments, checked: a call that is refused changes nothing. They are checked again afterwards, because the trace has run
 */
export function limit({ fd, flags = 0 }: { fd: number; flags?: number }, way: Way): void {
  if ((flags & constants.MSG_DONTWAIT) !== 0) return;
  const option = way === "in" ? SO_RCVTIMEO : SO_SNDTIMEO;
  try {
    withContext(BACKSTAGE, () => setsockopt(fd, option.level, option, encodeOptionValue(option, LIMIT)));
  } catch (error) {
    // No socket, or none that is open: the call itself says so.
    if (!(error instanceof SocketError)) throw error;
  }
}

const WAITED = new Set([errno.EAGAIN, errno.EINPROGRESS]);

/**
 * As `succeed`, for a call that may have waited on a descriptor that blocks.
 *
 * @throws SocketError when the result is minus an errno
 */
export function succeedInTime<C extends { name: string; fd: number; flags?: number }>(
  description: Description<C>,
  { call, result }: Tried<C>,
): number {
  if (result >= 0) return result;
  if (!WAITED.has(-result)) return succeed(description, call, result);
  const dontWait = ((call.flags ?? 0) & constants.MSG_DONTWAIT) !== 0;
  if (openedHere(call.fd)?.blocks !== true || dontWait) return succeed(description, call, result);
  throw new SocketError(failure(description, call, -result), SENTENCES.descriptorBlocks(`${LIMIT / 1000} s`));
}

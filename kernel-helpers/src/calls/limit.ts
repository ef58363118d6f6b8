import { decodeOptionValue } from "../bytes/option-decode";
import { encodeOptionValue } from "../bytes/option-encode";
import { SENTENCES } from "../errors/sentences";
import { SocketError } from "../errors/socket-error";
import { constants } from "../facts/current";
import { errno } from "../facts/errno";
import { SO_RCVTIMEO, SO_SNDTIMEO } from "../facts/option-constants";
import { withContext } from "../libc/funnel";
import { type Description, failure, succeed, type Tried } from "./description";
import { type Opened, openedHere, ownDescriptor } from "./descriptors";
import { fcntl } from "./fcntl";
import { getsockopt, setsockopt } from "./getsockopt";

/*
 * A call on a descriptor that blocks holds the whole kernel up while it waits: no cell, no timer, no interrupt. So such a wait has an end:
 * SO_RCVTIMEO or SO_SNDTIMEO is set before the first call that can wait. Then the system ends the call with EAGAIN (connect: EINPROGRESS)
 * after that time, and with EINTR as soon as the kernel is interrupted (man 7 signal: without the option it would begin again).
 */

/** In milliseconds: as long as poll() may wait. */
const LIMIT = 10_000;

/** On whose behalf the option is set: the exact trace prints it, the short one has a line for what the learner called. */
const BACKSTAGE = { handle: "calls", printed: true, pid: process.pid };

const LOOKING = { handle: "looking", printed: false, pid: process.pid };
const TIMEVAL = 16;

/** The waits of receives and accept, or those of sends and connect. */
export type Way = "in" | "out";

function limited(way: Way): "limitedIn" | "limitedOut" {
  return way === "in" ? "limitedIn" : "limitedOut";
}

/** Whether a call on this descriptor may wait without an end. Where others have its socket, only the system knows: `limit` asks. */
export function isUnlimited(fd: number, way: Way): boolean {
  const known = openedHere(fd);
  return known === undefined || known.elsewhere || (known.blocks && !known[limited(way)]);
}

/**
 * Asks the system what others can have changed, or a listening socket have handed on: whether the descriptor blocks, and its limit.
 *
 * @returns whether a call ends by itself
 */
function endsAlready(fd: number, known: Opened | undefined, way: Way): boolean {
  if (known !== undefined && !known.elsewhere && !known.inherits) return false;
  if (known === undefined || known.elsewhere) {
    const blocks = (fcntl(fd, constants.F_GETFL) & constants.O_NONBLOCK) === 0;
    if (known !== undefined) known.blocks = blocks;
    if (!blocks) return true;
  }
  const own = timeLimit(fd, way);
  const ends = own > 0 && own <= LIMIT;
  if (known !== undefined) known[limited(way)] = ends;
  return ends;
}

/** SO_RCVTIMEO or SO_SNDTIMEO, in milliseconds; 0 is no limit. */
function timeLimit(fd: number, way: Way): number {
  const option = way === "in" ? SO_RCVTIMEO : SO_SNDTIMEO;
  return decodeOptionValue(option, getsockopt(fd, option.level, option, TIMEVAL));
}

/** With one of these a receive never waits: an error is in the queue of errors, or an urgent byte there, or it is EAGAIN at once (tried on blocking sockets). */
const RECEIVES_AT_ONCE = constants.MSG_DONTWAIT | constants.MSG_ERRQUEUE | constants.MSG_OOB;

/** Whether a call with these flags never waits, also on a descriptor that blocks. */
export function neverWaits(way: Way, flags: number): boolean {
  return (flags & (way === "in" ? RECEIVES_AT_ONCE : constants.MSG_DONTWAIT)) !== 0;
}

/**
 * Sees to it that a call that waits ends, and that it is not made on what the notebook itself uses.
 *
 * @param call its arguments, checked: a call that is refused changes nothing. They are checked again afterwards, because the trace has run
 */
export function limit({ fd, flags = 0 }: { fd: number; flags?: number }, way: Way): void {
  const known = openedHere(fd);
  if (known === undefined) ownDescriptor(fd);
  if (neverWaits(way, flags)) return;
  const option = way === "in" ? SO_RCVTIMEO : SO_SNDTIMEO;
  try {
    if (withContext(LOOKING, () => endsAlready(fd, known, way))) return;
    withContext(BACKSTAGE, () => setsockopt(fd, option.level, option, encodeOptionValue(option, LIMIT)));
  } catch (error) {
    // No socket, or none that is open: the call itself says so.
    if (!(error instanceof SocketError)) throw error;
  }
}

const WAITED = new Set([errno.EAGAIN, errno.EINPROGRESS]);

/** The clock as it was when this was loaded: a learner can replace it. */
export const clock = performance.now.bind(performance);

/** So much earlier than its limit a wait may be seen to end: milliseconds. */
const EARLIER = 20;

/**
 * Whether a call that began at `since` has waited for as long as it may. Not every EAGAIN is one of a wait: sendto(2) says it at once where no
 * port is left for the socket.
 */
function hasWaited(fd: number, way: Way, since: number): boolean {
  const waited = clock() - since;
  try {
    return waited + EARLIER >= withContext(LOOKING, () => timeLimit(fd, way));
  } catch {
    return true;
  }
}

/**
 * As `succeed`, for a call that may have waited on a descriptor that blocks.
 *
 * @param since when it began, by `clock`
 * @throws SocketError when the result is minus an errno
 */
export function succeedInTime<C extends { name: string; fd: number; flags?: number }>(
  description: Description<C>,
  { call, result }: Tried<C>,
  since: number,
): number {
  if (result >= 0) return result;
  if (!WAITED.has(-result)) return succeed(description, call, result);
  const way = /^(recv|accept)/.test(call.name) ? "in" : "out";
  const mayWait = openedHere(call.fd)?.blocks === true && !neverWaits(way, call.flags ?? 0);
  if (!mayWait || !hasWaited(call.fd, way, since)) return succeed(description, call, result);
  throw new SocketError(failure(description, call, -result), SENTENCES.descriptorBlocks(`${LIMIT / 1000} s`));
}

import { decodeOptionValue, formatSockaddr, type SocketAddress } from "../bytes";
import { isOf } from "../bytes/arguments";
import { failureOf, getpeername, getsockopt, shutdown, socket, tryConnect } from "../calls";
import { BusyError, SocketError } from "../errors";
import { SENTENCES } from "../errors/sentences";
import { constants, errno, errnoName, SO_ERROR } from "../facts";
import { stopped, Wait, WOULD_BLOCK } from "../readiness";
import { during, endStep, ownCall, type Step, say, stepWaits } from "../trace";
import { ownPeer, sayItself } from "./itself";
import { closeLingering } from "./lingering";
import { inTurn, type NamedSocket } from "./named-socket";
import { makeNonBlocking, nonBlocking } from "./non-blocking";
import { claim, closeSocket, removeFileOf } from "./registry";
import { CallTerms, checkWaiting, type WaitOptions } from "./wait-options";

/**
 * connect(2) on a handle.
 *
 * The first call starts the handshake (EINPROGRESS); when the socket becomes writable, connect is called once more, and tells how the
 * handshake ended. Reading SO_ERROR would tell it too, but leaves Linux's socket "connecting": the next connect, to anywhere, then returns
 * 0 instead of EISCONN.
 */
export function connectHandle(sock: NamedSocket, address: SocketAddress, waiting: WaitOptions): Promise<void> {
  sock.mustBeOpen("connect");
  waiting = checkWaiting(waiting);
  const place = sock.earlierCalls.place("connect");
  const earlier = place?.earlier<void>();
  if (sock.connecting) {
    if (earlier?.pending !== undefined) return earlier.pending as Wait<void>;
    throw new BusyError(`connect(${sock.fd})`, sock.name, "is under way already", SENTENCES.connectUnderWay());
  }
  if (sock.spoiled) renew(sock);
  const step = sock.begin("connect");
  const words = {
    waits: SENTENCES.waitsForAnswer(formatSockaddr(address)),
    missing: SENTENCES.noAnswer(formatSockaddr(address)),
    advice: SENTENCES.connectTimedOut(sock.name),
    interrupted: SENTENCES.connectInterrupted(sock.name),
  };
  const usual = () => new CallTerms<void>(sock, step, waiting, words, place?.where);
  const end = stopped.any ? sock.endOfStopped<void>({ terms: usual }) : undefined;
  if (end !== undefined) return end;
  const done = begin(sock, step, () => tryConnect(sock.fd, address));
  if (done.result === 0) return inTurn(Wait.resolve(connected(sock, step, address)));
  if (done.result === -errno.EISCONN! && earlier !== undefined && sock.peer === formatSockaddr(address)) {
    endStep(step, { error: "EISCONN", errno: errno.EISCONN! });
    say(SENTENCES.connectAgain(sock.name));
    return inTurn(Wait.resolve());
  }
  // EALREADY: an earlier connect has begun the handshake, and was not to wait for it any longer (SO_SNDTIMEO).
  if (done.result !== -errno.EINPROGRESS! && done.result !== -errno.EALREADY!) {
    return inTurn(refused(sock, step, -done.result));
  }

  sock.connecting = true;
  const showing = showLater(step, SENTENCES.waitsForAnswer(formatSockaddr(address)));
  const terms = usual();
  // See showLater.
  terms.onWait = () => {};
  terms.onFailure = (error) => {
    showing();
    sock.connecting = false;
    terms.failed(error);
    // Nobody knows what becomes of the handshake now.
    if (!isOf(error, SocketError) && sock.closed === undefined) closeSocket(sock, SENTENCES.connectGivenUp());
  };
  const wait = sock.registration.wait<void>(
    "out",
    {
      attempt() {
        if (sock.handshakeUndone) throw undone(sock, step);
        const again = during(step, () => tryConnect(sock.fd, address));
        if (again.result === -errno.EALREADY! || again.result === -errno.EINPROGRESS!) return WOULD_BLOCK;
        showing();
        // Linux tells the end of the handshake with 0, BSD with EISCONN.
        if (again.result !== 0 && again.result !== -errno.EISCONN!) throw failure(sock, step, -again.result);
        connected(sock, step, address);
        place?.remember({ value: undefined });
      },
    },
    terms,
  );
  place?.remember({ pending: wait });
  return wait;
}

function begin<T>(sock: NamedSocket, step: Step, action: () => T): T {
  try {
    return during(step, action);
  } catch (error) {
    sock.fail(step, error);
    throw error;
  }
}

function connected(sock: NamedSocket, step: Step, address: SocketAddress): void {
  sock.connecting = false;
  sock.peer = formatSockaddr(address);
  during(step, () => sock.learnLocal());
  sock.succeed(step, 0);
  const itself = portOf(sock.local) === portOf(sock.peer) ? ownPeer(sock.fd, address) : undefined;
  if (itself !== undefined) sayItself(`"${sock.name}"`, sock.type, itself);
}

/** How long a handshake may take before it is worth a line: milliseconds. On loopback it is over at once. */
const WORTH_A_LINE = 10;

/** Shows that a connect waits, once it has waited a while. @returns ends that */
function showLater(step: Step, waits: string): () => void {
  const from = performance.now();
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    // When the event loop was busy, the answer may be there already, and is told first.
    immediate = setImmediate(() => stepWaits(step, waits, from));
  }, WORTH_A_LINE).unref();
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}

const portOf = (place = ""): string => place.slice(place.lastIndexOf(":"));

function failure(sock: NamedSocket, step: Step, number: number): SocketError {
  // A datagram socket has no handshake that could be half done; EAGAIN is the full queue of a Unix-domain server.
  sock.spoiled = !sock.isDatagram && number !== errno.EAGAIN;
  sock.connecting = false;
  const record = step.calls.find(({ call }) => call.name === "connect") ?? ownCall(step)!;
  return new SocketError({ ...failureOf(record.call, number), code: errnoName(number), handle: sock.name });
}

/**
 * shutdown(2) on a handle. Linux takes a handshake that is under way back then: connect(2), which tells how one has ended, would begin a
 * second one; and one that was refused, and was not told of that yet, would get EINVAL. The handshake can be over, and well: then connect
 * has not been told yet, and is told as ever.
 */
export function shutdownHandle(sock: NamedSocket, how: number): void {
  let over = true;
  try {
    sock.now("shutdown", () => shutdown(sock.fd, how));
  } catch (error) {
    over = error instanceof SocketError && error.code === "ENOTCONN";
    throw error;
  } finally {
    noteShutdown(sock, how, over);
  }
}

/**
 * Notes what a shutdown(2), on the handle or on its number, has done: it can have taken a handshake back.
 *
 * @param over it has succeeded, or found no connection
 */
export function noteShutdown(sock: NamedSocket, how: number, over: boolean): void {
  if (over) sock.receivingIsShut ||= how !== constants.SHUT_WR;
  if (over && sock.connecting && !isConnected(sock)) sock.handshakeUndone = true;
}

function isConnected(sock: NamedSocket): boolean {
  try {
    sock.quietly(() => getpeername(sock.fd));
    return true;
  } catch {
    return false;
  }
}

/** What a connect that waits in the system would return: the error that waits on the socket. */
function undone(sock: NamedSocket, step: Step): SocketError {
  sock.handshakeUndone = false;
  const bytes = during(step, () => getsockopt(sock.fd, SO_ERROR.level, SO_ERROR));
  const number = decodeOptionValue(SO_ERROR, bytes) || errno.ECONNRESET!;
  const error = failure(sock, step, number);
  if (number === errno.ECONNRESET) error.advice = SENTENCES.handshakeUndone(sock.name);
  return error;
}

function refused(sock: NamedSocket, step: Step, number: number): Wait<void> {
  const error = failure(sock, step, number);
  if (number === errno.EISCONN || number === errno.EAFNOSUPPORT) sock.spoiled = false;
  sock.fail(step, error);
  return Wait.reject(error) as Wait<void>;
}

/**
 * A new socket under the same name, after a connect that failed. Linux would let the old one try again (after one ECONNABORTED); POSIX
 * does not promise it, and a C program opens a new one.
 */
function renew(sock: NamedSocket): void {
  if (!sock.hasItsDescriptor()) throw sock.closedError("connect");
  const { local } = sock;
  sock.spoiled = false;
  say(local === undefined ? SENTENCES.newSocket() : SENTENCES.newSocketUnbound(local));
  sock.now("close", () => closeLingering(sock, () => sock.forgetDescriptor()));
  removeFileOf(sock);
  sock.now("socket", () => {
    sock.takeDescriptor(makeNonBlocking(socket(sock.family, nonBlocking(sock.type), sock.protocol)));
  });
  claim(sock);
  sock.reuseIsSet = false;
}

import { formatSockaddr, type SocketAddress } from "../bytes";
import { close, failureOf, getpeername, socket, tryConnect } from "../calls";
import { BusyError, SocketError } from "../errors";
import { SENTENCES } from "../errors/sentences";
import { constants, errno, errnoName } from "../facts";
import { Wait, WOULD_BLOCK } from "../readiness";
import { during, endStep, ownCall, type Step, say, stepWaits } from "../trace";
import type { Core } from "./core";
import { makeNonBlocking, nonBlocking } from "./descriptors";
import { claim, closeCore, removeFileOf } from "./registry";
import { checkWaiting, type Waiting, waitOptions } from "./waiting";

/**
 * connect(2) on a handle.
 *
 * The first call starts the handshake (EINPROGRESS); when the socket becomes writable, connect is called once more, and tells how the
 * handshake ended. Reading SO_ERROR would tell it too, but leaves Linux's socket "connecting": the next connect, to anywhere, then returns
 * 0 instead of EISCONN.
 */
export function connectHandle(core: Core, address: SocketAddress, waiting: Waiting): Wait<void> {
  core.mustBeOpen("connect");
  checkWaiting(waiting);
  const place = core.again.place("connect");
  const earlier = place?.earlier<void>();
  if (core.connecting) {
    if (earlier?.pending !== undefined) return earlier.pending as Wait<void>;
    throw new BusyError(`connect(${core.fd})`, core.name, "is under way already", SENTENCES.connectUnderWay());
  }
  if (core.spoiled) renew(core);
  const step = core.begin("connect");
  const options = waitOptions(core, step, waiting, {
    waits: SENTENCES.waitsForAnswer(formatSockaddr(address)),
    missing: SENTENCES.noAnswer(formatSockaddr(address)),
    advice: SENTENCES.connectTimedOut(core.name),
    interrupted: SENTENCES.connectInterrupted(core.name),
  });
  const done = begin(core, step, () => tryConnect(core.fd, address));
  if (done.result === 0) return Wait.resolve(connected(core, step, address)) as Wait<void>;
  if (done.result === -errno.EISCONN! && earlier !== undefined && core.peer === formatSockaddr(address)) {
    endStep(step, { error: "EISCONN", errno: errno.EISCONN! });
    say(SENTENCES.connectAgain(core.name));
    return Wait.resolve() as Wait<void>;
  }
  if (done.result !== -errno.EINPROGRESS!) return refused(core, step, -done.result);

  core.connecting = true;
  const showing = showLater(step, SENTENCES.waitsForAnswer(formatSockaddr(address)));
  const wait = core.registration.wait<void>(
    "out",
    () => {
      const again = during(step, () => tryConnect(core.fd, address));
      if (again.result === -errno.EALREADY!) return WOULD_BLOCK;
      showing();
      // Linux tells the end of the handshake with 0, BSD with EISCONN.
      if (again.result !== 0 && again.result !== -errno.EISCONN!) throw failure(core, step, -again.result);
      connected(core, step, address);
      place?.remember({ value: undefined });
    },
    {
      ...options,
      afterFirstAttempt: true,
      // See showLater.
      onWait: undefined,
      onFailure: (error) => {
        showing();
        core.connecting = false;
        core.fail(step, error);
        // Nobody knows what becomes of the handshake now.
        if (!(error instanceof SocketError) && core.closed === undefined) closeCore(core, SENTENCES.connectGivenUp());
      },
    },
  );
  place?.remember({ pending: wait });
  return wait;
}

function begin<T>(core: Core, step: Step, action: () => T): T {
  try {
    return during(step, action);
  } catch (error) {
    core.fail(step, error);
    throw error;
  }
}

function connected(core: Core, step: Step, address: SocketAddress): void {
  core.connecting = false;
  core.peer = formatSockaddr(address);
  during(step, () => core.learnLocal());
  core.succeed(step, 0);
  sayIfItself(core);
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

/** A socket that has connected to its own address: the system says nothing of it. */
function sayIfItself(core: Core): void {
  const { local, peer, isInternet } = core;
  if (!isInternet || local === undefined || peer === undefined || portOf(local) !== portOf(peer)) return;
  // 0.0.0.0 leads to this machine too, so only the system knows both ends.
  const end = core.quietly(() => getpeername(core.fd));
  if (end === undefined || formatSockaddr(end) !== local) return;
  if (core.type === constants.SOCK_STREAM) say(SENTENCES.connectedToItself(core.name, local));
  else say(SENTENCES.datagramsToItself(core.name, local));
}

const portOf = (place: string): string => place.slice(place.lastIndexOf(":"));

function failure(core: Core, step: Step, number: number): SocketError {
  // A datagram socket has no handshake that could be half done; EAGAIN is the full queue of a Unix-domain server.
  core.spoiled = !core.isDatagram && number !== errno.EAGAIN;
  core.connecting = false;
  const record = step.calls.find(({ call }) => call.name === "connect") ?? ownCall(step)!;
  return new SocketError({ ...failureOf(record.call, number), code: errnoName(number), handle: core.name });
}

function refused(core: Core, step: Step, number: number): Wait<void> {
  const error = failure(core, step, number);
  if (number === errno.EISCONN || number === errno.EALREADY || number === errno.EAFNOSUPPORT) core.spoiled = false;
  core.fail(step, error);
  return Wait.reject(error) as Wait<void>;
}

/**
 * A new socket under the same name, after a connect that failed. Linux would let the old one try again (after one ECONNABORTED); POSIX
 * does not promise it, and a C program opens a new one.
 */
function renew(core: Core): void {
  const { fd, local } = core;
  core.spoiled = false;
  say(local === undefined ? SENTENCES.newSocket() : SENTENCES.newSocketUnbound(local));
  core.now("close", () => {
    core.forgetDescriptor();
    close(fd);
  });
  removeFileOf(core);
  core.now("socket", () => {
    core.fd = makeNonBlocking(socket(core.family, nonBlocking(core.type), core.protocol));
  });
  claim(core);
  core.reuseIsSet = false;
}

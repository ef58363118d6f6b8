import { formatSockaddr, type SocketAddress } from "../bytes";
import { close, failureOf, socket, tryConnect } from "../calls";
import { BusyError, SocketError } from "../errors";
import { errno, errnoName } from "../facts";
import { Wait, WOULD_BLOCK } from "../readiness";
import { during, endStep, ownCall, type Step, say } from "../trace";
import type { Core } from "./core";
import { makeNonBlocking, nonBlocking } from "./descriptors";
import { claim, closeCore } from "./registry";
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
    throw new BusyError(
      `connect(${core.fd})`,
      core.name,
      "is under way already",
      "Await the first connect() before the next.",
    );
  }
  if (core.spoiled) renew(core);
  const step = core.begin("connect");
  const options = waitOptions(core, step, waiting, {
    waits: `waits for an answer from ${formatSockaddr(address)}`,
    missing: `nobody has answered at ${formatSockaddr(address)}`,
    advice: `The server's queue may be full, because it does not accept, or nothing is there. The socket is closed: run the cell with socket("${core.name}", …) again.`,
  });
  const done = begin(core, step, () => tryConnect(core.fd, address));
  if (done.result === 0) return Wait.resolve(connected(core, step, address)) as Wait<void>;
  if (done.result === -errno.EISCONN! && earlier !== undefined && core.peer === formatSockaddr(address)) {
    endStep(step, { error: "EISCONN", errno: errno.EISCONN! });
    say(`You ran this cell before, and "${core.name}" is still connected: nothing has changed.`);
    return Wait.resolve() as Wait<void>;
  }
  if (done.result !== -errno.EINPROGRESS!) return refused(core, step, -done.result);

  core.connecting = true;
  const wait = core.registration.wait<void>(
    "out",
    () => {
      const again = during(step, () => tryConnect(core.fd, address));
      if (again.result === -errno.EALREADY!) return WOULD_BLOCK;
      // Linux tells the end of the handshake with 0, BSD with EISCONN.
      if (again.result !== 0 && again.result !== -errno.EISCONN!) throw failure(core, step, -again.result);
      connected(core, step, address);
      place?.remember({ value: undefined });
    },
    {
      ...options,
      afterFirstAttempt: true,
      // The handshake is on its way in any case: only one that takes a while is worth a line.
      onWait: undefined,
      onFailure: (error) => {
        core.connecting = false;
        core.fail(step, error);
        // Nobody knows what becomes of the handshake now.
        if (!(error instanceof SocketError) && core.closed === undefined) closeCore(core, "Its connect() was given up");
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
}

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
  const { fd } = core;
  core.spoiled = false;
  say("The connect before this one failed, and a socket connects once: a new socket takes the name.");
  core.now("close", () => {
    core.forgetDescriptor();
    close(fd);
  });
  core.now("socket", () => {
    core.fd = makeNonBlocking(socket(core.family, nonBlocking(core.type), core.protocol));
  });
  claim(core);
  core.reuseIsSet = false;
}

import { decodeSockaddr, formatSockaddr } from "../bytes";
import { mustSucceed, tryAccept } from "../calls";
import { SENTENCES } from "../errors/sentences";
import { constants, errno } from "../facts";
import { WOULD_BLOCK } from "../readiness";
import { during, endStep, say } from "../trace";
import { Core } from "./core";
import { makeNonBlocking } from "./descriptors";
import type { Handle } from "./handle";
import { closedClient, isOpen } from "./registry";
import { checkWaiting, type Waiting, waitOptions } from "./waiting";

/** Errors of a connection that died in the queue: they are not the listener's, and the next one in the queue is taken (accept(2), "Error handling"). */
const OF_THE_CONNECTION = new Set([errno.ECONNABORTED, errno.EPERM, errno.EPROTO, errno.EINTR]);

/** How many dead connections are skipped in one go: the event loop has its turn before the next ones. */
const SKIPPED = 100;

/** accept(2), past connections that died in the queue. */
function acceptLiving(fd: number): ReturnType<typeof tryAccept> {
  for (let skipped = 0; ; skipped++) {
    const done = tryAccept(fd, constants.SOCK_NONBLOCK);
    if (done.result >= 0 || !OF_THE_CONNECTION.has(-done.result)) return done;
    if (skipped === SKIPPED) return { ...done, result: -errno.EAGAIN! };
  }
}

/** accept(2) on a handle. `adopt` makes a handle of the new core. */
export function acceptOn(core: Core, waiting: Waiting, adopt: (accepted: Core) => Handle): Promise<Handle> {
  core.mustBeOpen("accept");
  checkWaiting(waiting);
  const place = core.again.place("accept");
  const earlier = place?.earlier<Handle>();
  if (earlier?.pending !== undefined) {
    say(SENTENCES.stillWaits("accept"));
    return earlier.pending as Promise<Handle>;
  }
  const step = core.begin("accept");
  let tried = false;
  const attempt = (): Handle | typeof WOULD_BLOCK => {
    const first = !tried;
    tried = true;
    const done = during(step, () => acceptLiving(core.fd));
    if (done.result === -errno.EAGAIN!) {
      const stays = first ? stillOpen(earlier?.value) : undefined;
      if (stays === undefined) return WOULD_BLOCK;
      endStep(step, { error: "EAGAIN", errno: errno.EAGAIN! });
      say(SENTENCES.noNewClient(stays.name));
      // Told once: a loop that comes here again in this run waits.
      place?.remember({ value: stays });
      return stays;
    }
    const fd = mustSucceed(done.call, done.result);
    const accepted = acceptedCore(core, makeNonBlocking(fd), done.call.from, done.call.fromLength);
    const handle = adopt(accepted);
    step.opened = handle.name;
    core.succeed(step, fd);
    place?.remember({ value: handle });
    sayIfGone(accepted.peer);
    return handle;
  };
  const wait = core.makeOrWait("in", waiting.signal, attempt, () => {
    const options = waitOptions(core, step, waiting, {
      waits: SENTENCES.waitsForClient(),
      missing: SENTENCES.noClient(core.local ?? "it"),
      advice: SENTENCES.runClient(),
      adviceWithTimeout: SENTENCES.runClientLonger(),
    });
    const onFailure = (error: unknown) => {
      place?.forget();
      options.onFailure?.(error);
    };
    return { ...options, onFailure };
  });
  if (step.end === undefined) place?.remember({ pending: wait });
  return wait;
}

/** A client that was closed, or opened anew, before anybody accepted it: its connection still comes first. */
function sayIfGone(peer: string | undefined): void {
  const client = closedClient(peer);
  if (client === undefined) return;
  const where = client.closed?.cell === undefined ? "" : ` in cell ${client.closed.cell}`;
  say(SENTENCES.clientGone(client.name, where));
}

function stillOpen(handle: Handle | undefined): Handle | undefined {
  return handle === undefined || handle.closed ? undefined : handle;
}

function acceptedCore(listener: Core, fd: number, from: Uint8Array | undefined, length = 0): Core {
  do listener.accepted += 1;
  while (isOpen(`${listener.name}→${listener.accepted}`));
  const name = `${listener.name}→${listener.accepted}`;
  const core = new Core(name, listener.family, listener.type, listener.protocol, fd, listener);
  const peer = from === undefined ? undefined : decodeSockaddr(from, length);
  core.peer = peer === undefined ? undefined : formatSockaddr(peer);
  core.background = listener.background;
  return core;
}

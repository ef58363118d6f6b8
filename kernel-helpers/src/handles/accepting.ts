import { decodeSockaddr, formatSockaddr } from "../bytes";
import { mustSucceed, tryAccept } from "../calls";
import { SENTENCES } from "../errors/sentences";
import { constants, errno } from "../facts";
import { tcpState } from "../inspection";
import { WOULD_BLOCK } from "../readiness";
import { during, endStep, say } from "../trace";
import { looking } from "./looking";
import { NamedSocket } from "./named-socket";
import { makeNonBlocking } from "./non-blocking";
import { isOpen, takeClosedClient } from "./registry";
import { CallTerms, checkWaiting, type WaitOptions } from "./wait-options";

/** Errors of a connection that died in the queue: they are not the listener's, and the next one in the queue is taken (accept(2), "Error handling"). */
const OF_THE_CONNECTION = new Set([errno.ECONNABORTED, errno.EPERM, errno.EPROTO, errno.EINTR]);

/** How many dead connections are skipped in one go: the event loop has its turn before the next ones. */
const SKIPPED = 100;

/** accept(2), past connections that died in the queue. `more`: there can be others behind them. */
function acceptLiving(fd: number): ReturnType<typeof tryAccept> & { more?: true } {
  for (let skipped = 0; ; skipped++) {
    const done = tryAccept(fd, constants.SOCK_NONBLOCK);
    if (done.result >= 0 || !OF_THE_CONNECTION.has(-done.result)) return done;
    if (skipped === SKIPPED) return { ...done, result: -errno.EAGAIN!, more: true };
  }
}

/** What is needed of a handle that was accepted. */
interface Accepted {
  readonly name: string;
  readonly closed: boolean;
}

/** accept(2) on a handle. `adopt` makes a handle of the new socket. */
export function acceptOn<Handle extends Accepted>(
  sock: NamedSocket,
  waiting: WaitOptions,
  adopt: (accepted: NamedSocket) => Handle,
): Promise<Handle> {
  sock.mustBeOpen("accept");
  waiting = checkWaiting(waiting);
  const place = sock.earlierCalls.place("accept");
  const earlier = place?.earlier<Handle>();
  if (earlier?.pending !== undefined) {
    say(SENTENCES.stillWaits("accept"));
    return earlier.pending as Promise<Handle>;
  }
  const step = sock.begin("accept");
  let tried = false;
  let more = false;
  const attempt = (): Handle | typeof WOULD_BLOCK => {
    const first = !tried;
    tried = true;
    const done = during(step, () => acceptLiving(sock.fd));
    more = done.more === true;
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
    const accepted = acceptedSocket(sock, makeNonBlocking(fd), done.call.from, done.call.fromLength);
    const handle = adopt(accepted);
    step.opened = handle.name;
    sock.succeed(step, fd);
    place?.remember({ value: handle });
    sayIfGone(accepted);
    return handle;
  };
  const terms = (): CallTerms<Handle> => {
    const words = {
      waits: SENTENCES.waitsForClient(),
      missing: SENTENCES.noClient(sock.local ?? "it"),
      advice: SENTENCES.runClient(),
      adviceWithTimeout: SENTENCES.runClientLonger(),
    };
    const terms = new CallTerms<Handle>(sock, step, waiting, words, place?.where);
    terms.onFailure = (error) => {
      place?.forget();
      terms.failed(error);
    };
    terms.more = () => more;
    return terms;
  };
  const wait = sock.makeOrWait("in", waiting.signal, { accepts: true, attempt, terms });
  if (step.end === undefined) place?.remember({ pending: wait });
  return wait;
}

/**
 * A client that was closed, or opened anew, before anybody accepted it: its connection still comes first. Another one can have its address by
 * now, and then the connection is open at both ends.
 */
function sayIfGone({ fd, peer, listener }: NamedSocket): void {
  const client = takeClosedClient(peer, listener?.local);
  if (client === undefined || !ENDED.has(during(looking, () => tcpState(fd)) ?? "")) return;
  const where = client.closed?.cell === undefined ? "" : ` in cell ${client.closed.cell}`;
  say(SENTENCES.clientGone(client.name, where));
}

/** The states of a connection whose other end has closed: with FIN, or with RST. */
const ENDED: ReadonlySet<string> = new Set(["CLOSE_WAIT", "CLOSE"]);

function stillOpen<Handle extends Accepted>(handle: Handle | undefined): Handle | undefined {
  return handle === undefined || handle.closed ? undefined : handle;
}

function acceptedSocket(listener: NamedSocket, fd: number, from: Uint8Array | undefined, length = 0): NamedSocket {
  do listener.accepted += 1;
  while (isOpen(`${listener.name}→${listener.accepted}`));
  const name = `${listener.name}→${listener.accepted}`;
  const sock = new NamedSocket(name, listener.family, listener.type, listener.protocol, fd, listener);
  const peer = from === undefined ? undefined : decodeSockaddr(from, length);
  sock.peer = peer === undefined ? undefined : formatSockaddr(peer);
  if (listener.background) sock.serveInBackground();
  Object.assign(sock.timeouts, listener.timeouts);
  return sock;
}

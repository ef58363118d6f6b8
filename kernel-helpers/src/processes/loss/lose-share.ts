import { shown } from "../../bytes/arguments";
import { setsockopt } from "../../calls";
import { SocketError } from "../../errors";
import { SENTENCES } from "../../errors/sentences";
import { errno, SO_ATTACH_FILTER, SO_DETACH_FILTER } from "../../facts";
import type { NamedSocket } from "../../handles/named-socket";
import { during, endStep, say } from "../../trace";
import { lossProgram } from "./loss-program";

/** Has the system throw away a share of what arrives at a socket: a filter is attached, or for 0 taken away, and the cell is told. */
export function lose(sock: NamedSocket, what: "datagrams" | "segments", probability: number): void {
  checkProbability(probability);
  if (probability === 0) stopLosing(sock);
  else loseSome(sock, what, probability);
}

function checkProbability(probability: unknown): void {
  if (typeof probability !== "number")
    throw new TypeError(`The probability is a number from 0 to 1, not ${shown(probability)}.`);
  if (!(probability >= 0 && probability <= 1))
    throw new RangeError(`The probability is from 0 (none is lost) to 1 (all are), not ${probability}.`);
}

function loseSome(sock: NamedSocket, what: string, probability: number): void {
  const program = lossProgram(probability);
  sock.now("setsockopt", () => setsockopt(sock.fd, SO_ATTACH_FILTER.level, SO_ATTACH_FILTER, program));
  if (probability === 1) say(SENTENCES.losesAll(what, sock.name));
  else say(SENTENCES.losesSome(percent(probability), what, sock.name));
}

function stopLosing(sock: NamedSocket): void {
  const step = sock.begin("setsockopt");
  try {
    during(step, () => setsockopt(sock.fd, SO_DETACH_FILTER.level, SO_DETACH_FILTER, 0));
  } catch (error) {
    if (error instanceof SocketError && error.code === "ENOENT") {
      endStep(step, { error: "ENOENT", errno: errno.ENOENT! });
      say(SENTENCES.lostNothing(sock.name));
      return;
    }
    sock.fail(step, error);
    throw error;
  }
  sock.succeed(step);
  say(SENTENCES.losesNothing(sock.name));
}

/** `10 %`, `0.5 %`. */
function percent(probability: number): string {
  return `${Number((probability * 100).toPrecision(3))} %`;
}

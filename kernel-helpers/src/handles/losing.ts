import { shown } from "../bytes/arguments";
import { setsockopt } from "../calls";
import { SocketError } from "../errors";
import { errno, SO_ATTACH_FILTER, SO_DETACH_FILTER } from "../facts";
import { during, endStep, say } from "../trace";
import type { Core } from "./core";
import { lossProgram } from "./loss-program";

/** Has the system throw away a share of what arrives at a socket: a filter is attached, or for 0 taken away, and the cell is told. */
export function lose(core: Core, what: "datagrams" | "segments", probability: number): void {
  checkProbability(probability);
  if (probability === 0) stopLosing(core);
  else loseSome(core, what, probability);
}

function checkProbability(probability: unknown): void {
  if (typeof probability !== "number")
    throw new TypeError(`The probability is a number from 0 to 1, not ${shown(probability)}.`);
  if (!(probability >= 0 && probability <= 1))
    throw new RangeError(`The probability is from 0 (none is lost) to 1 (all are), not ${probability}.`);
}

function loseSome(core: Core, what: string, probability: number): void {
  const program = lossProgram(probability);
  core.now("setsockopt", () => setsockopt(core.fd, SO_ATTACH_FILTER.level, SO_ATTACH_FILTER, program));
  const which = `of the ${what} that arrive at "${core.name}"`;
  say(
    `From now on the system throws away ${probability === 1 ? `all ${which}` : `${percent(probability)} ${which}, by chance`}.`,
  );
}

function stopLosing(core: Core): void {
  const step = core.begin("setsockopt");
  try {
    during(step, () => setsockopt(core.fd, SO_DETACH_FILTER.level, SO_DETACH_FILTER, 0));
  } catch (error) {
    if (error instanceof SocketError && error.code === "ENOENT") {
      endStep(step, { error: "ENOENT", errno: errno.ENOENT! });
      say(`"${core.name}" had no filter: it loses nothing, as before.`);
      return;
    }
    core.fail(step, error);
    throw error;
  }
  core.succeed(step);
  say(`From now on "${core.name}" loses nothing.`);
}

/** `10 %`, `0.5 %`. */
function percent(probability: number): string {
  return `${Number((probability * 100).toPrecision(3))} %`;
}

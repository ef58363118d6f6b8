import { bind, close, setsockopt, socket } from "../calls";
import { insideKernel, processWide } from "../cells";
import { SocketError } from "../errors";
import { constants, SO_REUSEADDR } from "../facts";
import { Backstage, during } from "../trace";
import { spotInCell } from "./cell-place";
import { portRange } from "./port-range";
import { openHandles } from "./registry";

const TRIES = 200;

const chosen = processWide("ports", () => new Map<string, number>());
const backstage = new Backstage("choosePort");

/**
 * A port that is free now for TCP and UDP, below 32768: above it, the system gives ports to clients.
 *
 * In a notebook it is the same one each time the cell is run, as long as nobody else has taken it; each call in a cell has its own.
 *
 * On a machine that many share, the environment variable SOCKET_WORKSHOP_PORTS gives each of them ports of their own: `20000-20199`.
 *
 * @param name gives the port to a name: `choosePort("echo")` is the same port everywhere in the notebook; without it, to the place in the cell
 * @returns Returns the port: 20000 to 32767, or one of SOCKET_WORKSHOP_PORTS
 * @throws Errors: Error when no free port is found; RangeError when SOCKET_WORKSHOP_PORTS names no range
 */
export function choosePort(name?: string): number {
  const key = name ?? (insideKernel() ? spotInCell() : undefined);
  const before = key === undefined ? undefined : chosen.get(key);
  if (before !== undefined && (ours(before) || isFree(before, true))) return before;
  const taken = new Set(chosen.values());
  const { first, last } = portRange();
  const count = last - first + 1;
  const start = Math.floor(Math.random() * count);
  const tries = Math.min(TRIES, count);
  // From a place of chance on, and round: in a small range each port is looked at once.
  for (let i = 0; i < tries; i++) {
    const port = first + ((start + i) % count);
    if (taken.has(port) || !isFree(port)) continue;
    chosen.set(key ?? `port ${port}`, port);
    return port;
  }
  throw new Error(`No free port was found from ${first} to ${last} in ${tries} tries. See who has them: ss -lnt`);
}

/** A handle of this notebook has the port: it is the one that the cell chose before. */
function ours(port: number): boolean {
  return openHandles().some(({ local }) => local?.endsWith(`:${port}`));
}

/**
 * Binds it to all addresses for a moment, as TCP and as UDP.
 *
 * @param again the port was chosen before: connections of then that are in TIME_WAIT do not take it
 */
function isFree(port: number, again = false): boolean {
  return during(
    backstage,
    () => canBind(constants.SOCK_STREAM, port, again) && canBind(constants.SOCK_DGRAM, port, false),
  );
}

function canBind(type: number, port: number, reuse: boolean): boolean {
  const fd = socket(constants.AF_INET, type);
  try {
    if (reuse) setsockopt(fd, constants.SOL_SOCKET, SO_REUSEADDR, 1);
    bind(fd, { family: "AF_INET", address: "0.0.0.0", port });
    return true;
  } catch (error) {
    if (error instanceof SocketError) return false;
    throw error;
  } finally {
    close(fd);
  }
}

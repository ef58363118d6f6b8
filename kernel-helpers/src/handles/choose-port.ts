import { shown } from "../bytes/arguments";
import { bind, closeAtOnce, setsockopt, socket } from "../calls";
import { insideKernel, processWide, whole } from "../cells";
import { SocketError } from "../errors";
import { SENTENCES } from "../errors/sentences";
import { constants, SO_REUSEADDR } from "../facts";
import { Backstage, during } from "../trace";
import { spotInCell } from "./cell-place";
import { portRange } from "./port-range";
import { openHandles } from "./registry";

/** How many ports are looked at, at most: one that is taken costs 20 µs. */
const TRIES = 200;

const chosen = processWide("ports", () => ({
  /** Ports that have a name: they keep it, whoever takes them. */
  named: new Map<string, number>(),
  /** The others, by the place in the cell that they were chosen at, the oldest first. They are forgotten when no port is left. */
  placed: new Map<string, number>(),
}));
const backstage = new Backstage("choosePort");

/**
 * A port that is free now for TCP and UDP, below 32768: above it, the system gives ports to clients.
 *
 * In a notebook it is the same one each time the cell is run, as long as nobody else has taken it; each call in a cell has its own.
 *
 * On a machine that many share, the environment variable SOCKET_WORKSHOP_PORTS gives each of them ports of their own: `20000-20199`.
 *
 * @param name gives the port to a name: `choosePort("echo")` is the same port everywhere in the notebook, as long as its kernel runs, whoever has
 *   it meanwhile; without it, to the place in the cell
 * @returns Returns the port: 20000 to 32767, or one of SOCKET_WORKSHOP_PORTS
 * @throws Errors: TypeError for what is no name; Error when no free port is found; RangeError when SOCKET_WORKSHOP_PORTS names no range
 */
export function choosePort(name?: string): number {
  if (name !== undefined && typeof name !== "string")
    throw new TypeError(`choosePort() takes a name, for example choosePort("echo"), or nothing, not ${shown(name)}.`);
  const { named, placed } = chosen;
  const kept = name === undefined ? undefined : named.get(name);
  if (kept !== undefined) return kept;
  const place = name === undefined && insideKernel() ? spotInCell() : undefined;
  const before = place === undefined ? undefined : placed.get(place);
  if (before !== undefined && (ours(before) || isFree(before, true))) return before;
  const port = findPort();
  if (name !== undefined) named.set(name, port);
  else placed.set(place ?? `port ${port}`, port);
  return port;
}

function findPort(): number {
  const { named, placed } = chosen;
  const { first, last } = portRange();
  const count = last - first + 1;
  let tries = 0;
  for (;;) {
    const given = new Set([...named.values(), ...placed.values()]);
    // From a place of chance on, and round: in a small range each port is looked at once.
    const start = Math.floor(Math.random() * count);
    for (let i = 0; i < count && tries < TRIES; i++) {
      const port = first + ((start + i) % count);
      if (given.has(port)) continue;
      tries += 1;
      if (isFree(port)) return port;
    }
    if (placed.size === 0 || tries >= TRIES) break;
    // Every other one has been given away: the older half of those without a name is nobody's any more.
    for (const key of [...placed.keys()].slice(0, Math.ceil(placed.size / 2))) placed.delete(key);
  }
  const names = [...named.values()].filter((port) => port >= first && port <= last).length;
  throw new Error(SENTENCES.noFreePort(`${first}`, `${last}`, `${names}`, `${tries}`));
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
  return whole(() => tryBind(type, port, reuse));
}

function tryBind(type: number, port: number, reuse: boolean): boolean {
  const fd = socket(constants.AF_INET, type);
  try {
    if (reuse) setsockopt(fd, constants.SOL_SOCKET, SO_REUSEADDR, 1);
    bind(fd, { family: "AF_INET", address: "0.0.0.0", port });
    return true;
  } catch (error) {
    if (error instanceof SocketError) return false;
    throw error;
  } finally {
    closeAtOnce(fd);
  }
}

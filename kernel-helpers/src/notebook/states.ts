import { constants } from "../facts";
import type { Core } from "../handles/core";
import { openHandles } from "../handles/registry";
import { inodeOf, type SocketRow, socketTable, tcpState } from "../inspection";
import { processWide, withContext } from "../libc";
import type { StateAt } from "../pictures/scene";
import { insideKernel } from "../readiness";
import { Backstage, onStep } from "../trace";

/** With more sockets than this nobody looks at single states, and asking would cost more than the calls. */
const WATCHED = 16;
/** At most so many looks a second: a loop of calls is not slowed down by being watched. */
const LOOKS = 200;
const REMEMBERED = 5_000;

interface Tracked {
  inode: number | undefined;
  /** The socket's two ends, as the system's table writes them: how it is found when it has no descriptor any more. */
  ends: string | undefined;
  path: string[];
}

const state = processWide("states", () => ({
  tracked: new Map<Core, Tracked>(),
  paths: new WeakMap<Core, string[]>(),
  seen: [] as StateAt[],
  second: 0,
  looks: 0,
}));

const looking = new Backstage("looking", false);

/** Looks at the states after every step, as the system tells them. Inside a kernel only: a plain program draws no ladders. */
export function watchStates(): void {
  if (!insideKernel()) return;
  processWide("states are watched", () => onStep(afterStep));
}

function afterStep(): void {
  const second = Math.floor(performance.now() / 1000);
  if (second !== state.second) {
    state.second = second;
    state.looks = 0;
  }
  state.looks += 1;
  if (state.looks <= LOOKS) lookAtOpen();
}

/** Asks the sockets that are open for their state: one getsockopt each, about 2 µs. */
function lookAtOpen(): void {
  const open = openHandles();
  if (open.length > WATCHED) return;
  withContext(looking, () => {
    for (const { core } of open) {
      if (!core.isInternet || core.type !== constants.SOCK_STREAM) continue;
      note(core, tcpState(core.fd) ?? "CLOSE");
    }
  });
}

/**
 * Asks for the states of every TCP handle, also of those that were closed and whose connection the system still keeps (TIME_WAIT). That
 * takes the system's whole table, which is slow to read (measured 30 ms on a machine with a large hash table): for pictures, not for steps.
 */
export function lookAtStates(): void {
  lookAtOpen();
  const closed = [...state.tracked].filter(([core]) => core.closed !== undefined);
  const missing = [...state.tracked.values()].some(({ ends, path }) => ends === undefined && path.length > 1);
  if (closed.length === 0 && !missing) return;
  const rows = socketTable(["tcp", "tcp6"]);
  const byEnds = new Map(rows.map((row) => [endsOf(row), row]));
  const byInode = new Map(rows.filter(({ inode }) => inode !== 0).map((row) => [row.inode, row]));
  for (const tracked of state.tracked.values()) {
    const row = byInode.get(tracked.inode ?? -1);
    if (row !== undefined) tracked.ends = endsOf(row);
  }
  for (const [core, tracked] of closed) {
    const row = byEnds.get(tracked.ends ?? endsOfCore(core));
    note(core, row?.state ?? "CLOSE");
    if (row === undefined) state.tracked.delete(core);
  }
}

function note(core: Core, now: string): void {
  let tracked = state.tracked.get(core);
  if (tracked === undefined) {
    tracked = { inode: inodeOf(core.fd), ends: undefined, path: [] };
    state.tracked.set(core, tracked);
    state.paths.set(core, tracked.path);
  }
  if (tracked.path.at(-1) === now) return;
  tracked.path.push(now);
  state.seen.push({ handle: core.name, pid: process.pid, at: performance.now(), state: now });
  if (state.seen.length > REMEMBERED) state.seen.splice(0, REMEMBERED / 5);
}

function endsOf({ local, peer }: SocketRow): string {
  return `${local.address}:${local.port} ${peer.address}:${peer.port}`;
}

/** The same from what the handle knows of its addresses; the port of an accepted socket is its listener's. */
function endsOfCore({ local, peer, listener }: Core): string {
  const plain = (text: string | undefined) => (text ?? "").replace(/[[\]]/g, "");
  return `${plain(local ?? listener?.local)} ${plain(peer)}`;
}

/** The states in which the system has shown the handles, oldest first. */
export function statesSeen(): readonly StateAt[] {
  return state.seen;
}

/** The states in which the system has shown this socket, in order. */
export function pathOf(core: Core): string[] {
  lookAtStates();
  return state.paths.get(core) ?? [];
}

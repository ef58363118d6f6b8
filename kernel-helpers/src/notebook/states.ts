import { constants } from "../facts";
import type { Core } from "../handles/core";
import { openHandles } from "../handles/registry";
import { inodeOf, type SocketRow, socketTable } from "../inspection";
import { processWide } from "../libc";
import type { StateAt } from "../pictures";
import { insideKernel } from "../readiness";
import { onStep } from "../trace";

/** With more sockets than this nobody looks at single states, and asking would cost more than the calls. */
const WATCHED = 64;
/** At most so many looks a second; each reads /proc/net/tcp (about 0.1 ms). */
const LOOKS = 50;
const REMEMBERED = 5_000;

interface Tracked {
  inode: number | undefined;
  /** The socket's two ends, as the table writes them: how a socket without a descriptor is found. */
  ends: string | undefined;
  path: { at: number; state: string }[];
}

const state = processWide("states", () => ({
  tracked: new Map<Core, Tracked>(),
  seen: [] as StateAt[],
  second: 0,
  looks: 0,
  late: undefined as NodeJS.Timeout | undefined,
}));

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
  if (state.looks <= LOOKS) lookAtStates();
  else
    state.late ??= setTimeout(() => {
      state.late = undefined;
      lookAtStates();
    }, 20).unref();
}

/** Asks the system for the state of every TCP handle, and of those that were closed and are not gone yet. */
export function lookAtStates(): void {
  const open = openHandles().map(({ core }) => core);
  if (open.length > WATCHED) return;
  for (const core of open) {
    const tcp = core.isInternet && core.type === constants.SOCK_STREAM;
    if (tcp && !state.tracked.has(core))
      state.tracked.set(core, { inode: inodeOf(core.fd), ends: undefined, path: [] });
  }
  if (state.tracked.size === 0) return;
  const rows = socketTable(["tcp", "tcp6"]);
  const byInode = new Map(rows.filter(({ inode }) => inode !== 0).map((row) => [row.inode, row]));
  const byEnds = new Map(rows.map((row) => [endsOf(row), row]));
  const at = performance.now();
  for (const [core, tracked] of state.tracked) look(core, tracked, byInode, byEnds, at);
}

function look(
  core: Core,
  tracked: Tracked,
  byInode: ReadonlyMap<number, SocketRow>,
  byEnds: ReadonlyMap<string, SocketRow>,
  at: number,
): void {
  const closed = core.closed !== undefined;
  const row = closed ? byEnds.get(tracked.ends ?? "") : byInode.get(tracked.inode ?? -1);
  if (row !== undefined) tracked.ends = endsOf(row);
  // A socket that does not listen and has no connection is not in the table.
  const now = row?.state ?? "CLOSE";
  if (tracked.path.at(-1)?.state !== now) {
    tracked.path.push({ at, state: now });
    state.seen.push({ handle: core.name, pid: process.pid, at, state: now });
    if (state.seen.length > REMEMBERED) state.seen.splice(0, REMEMBERED / 5);
  }
  if (closed && row === undefined) state.tracked.delete(core);
  paths.set(core, tracked.path);
}

const paths = processWide("paths", () => new WeakMap<Core, { at: number; state: string }[]>());

function endsOf({ local, peer }: SocketRow): string {
  return `${local.address} ${local.port} ${peer.address} ${peer.port}`;
}

/** The states in which the system has shown the handles, oldest first. */
export function statesSeen(): readonly StateAt[] {
  return state.seen;
}

/** The states in which the system has shown this socket, in order. */
export function pathOf(core: Core): string[] {
  lookAtStates();
  return (paths.get(core) ?? []).map((look) => look.state);
}

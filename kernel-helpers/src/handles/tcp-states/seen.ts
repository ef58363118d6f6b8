import { processWide } from "../../cells";
import type { Ends } from "../../inspection";

/** How many TCP handles, and how many of their states, are remembered. */
const HANDLES = 1000;
const STATES = 5000;

/** What is needed of a handle, of this process or of another one, to find its connection in the system's table. */
export interface TcpHandle {
  readonly name: string;
  /** Anything but false and undefined when it is closed. */
  readonly closed: unknown;
  readonly local?: string | undefined;
  readonly peer?: string | undefined;
  /** The one whose accept() made it: it has the same port. */
  readonly listener?: { readonly local?: string | undefined } | undefined;
}

/** A socket was seen in this state. The time is on this process's clock, in milliseconds. */
export interface SeenState {
  readonly handle: string;
  readonly pid: number;
  readonly at: number;
  /** Since when this socket is looked at: a name can be another socket's later. */
  readonly since: number;
  readonly state: string;
}

/** What was seen of one handle. */
export interface Sightings {
  readonly handle: TcpHandle;
  readonly pid: number;
  /** The network of its process: see `networkOf`. */
  readonly network: string | undefined;
  inode: number | undefined;
  /** The socket's two ends, as the table told them: how it is found when it has no descriptor any more. */
  ends: Ends | undefined;
  /** Since when it is looked at. */
  since: number;
  /** In the order of time, each one another than the one before. */
  states: SeenState[];
}

const state = processWide("states", () => ({
  /** Those that are open, and those whose connection the system may still keep. */
  followed: new Map<TcpHandle, Sightings>(),
  all: new WeakMap<TcpHandle, Sightings>(),
  seen: [] as SeenState[],
}));

/** Whose the handle is, and the number of its socket. */
export type Place = Pick<Sightings, "pid" | "network" | "inode">;

/** Notes a state in which a handle was seen. What another process tells can be from before what was seen last here. */
export function noteState(handle: TcpHandle, now: string, at: number, place: Place): Sightings {
  const sightings = state.all.get(handle) ?? follow(handle, place, at);
  const { states } = sightings;
  // After a connect that failed, a handle can get another socket.
  if (place.inode !== undefined && place.inode !== sightings.inode)
    Object.assign(sightings, { inode: place.inode, ends: undefined, since: at });
  const after = states.findLastIndex((seen) => seen.at <= at) + 1;
  if (states[after - 1]?.state === now) return sightings;
  const seen = { handle: handle.name, pid: place.pid, at, since: Math.min(sightings.since, at), state: now };
  states.splice(after, states[after]?.state === now ? 1 : 0, seen);
  state.seen.push(seen);
  if (state.seen.length > STATES) state.seen.splice(0, STATES / 5);
  return sightings;
}

function follow(handle: TcpHandle, place: Place, since: number): Sightings {
  const sightings: Sightings = { handle, ...place, ends: undefined, since, states: [] };
  state.all.set(handle, sightings);
  state.followed.set(handle, sightings);
  const oldest = state.followed.keys().next();
  if (state.followed.size > HANDLES && !oldest.done) state.followed.delete(oldest.value);
  return sightings;
}

/** Every handle that is open, or whose connection the system may still keep. */
export function followed(): Sightings[] {
  return [...state.followed.values()];
}

/** The system keeps nothing of this connection any more. */
export function forgetHandle(handle: TcpHandle): void {
  state.followed.delete(handle);
}

/** What was seen of this handle. */
export function sightingsOf(handle: TcpHandle): Sightings | undefined {
  return state.all.get(handle);
}

/** The states in which the system has shown the handles, oldest first. */
export function statesSeen(): readonly SeenState[] {
  return [...state.seen].sort((a, b) => a.at - b.at);
}

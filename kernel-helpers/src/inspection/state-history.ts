import { processWide } from "../cells";
import type { Ends } from "./connections";

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

/** A socket was in this state when the system was asked. The time is on this process's clock, in milliseconds. */
export interface StateAtTime {
  readonly handle: string;
  readonly pid: number;
  readonly at: number;
  /** Since when this socket is looked at: a name can be another socket's later. */
  readonly since: number;
  readonly state: string;
}

/** What the system has told of one handle. */
export interface History {
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
  states: StateAtTime[];
}

const state = processWide("states", () => ({
  /** Those that are open, and those whose connection the system may still keep. */
  lasting: new Map<TcpHandle, History>(),
  all: new WeakMap<TcpHandle, History>(),
  /** The newest handle of each name and process: the one that is drawn in the lane of that name. */
  newest: new Map<string, TcpHandle>(),
  states: [] as StateAtTime[],
}));

/** Whose the handle is, and the number of its socket. */
export type Place = Pick<History, "pid" | "network" | "inode">;

/** Notes the state that the system has told. What another process tells can be from before what was noted last here. */
export function noteState(handle: TcpHandle, now: string, at: number, place: Place): History {
  const history = state.all.get(handle) ?? begin(handle, place, at);
  const { states } = history;
  // After a connect that failed, a handle can get another socket.
  if (place.inode !== undefined && place.inode !== history.inode)
    Object.assign(history, { inode: place.inode, ends: undefined, since: at });
  const after = states.findLastIndex((earlier) => earlier.at <= at) + 1;
  if (states[after - 1]?.state === now) return history;
  const noted = { handle: handle.name, pid: place.pid, at, since: Math.min(history.since, at), state: now };
  states.splice(after, states[after]?.state === now ? 1 : 0, noted);
  // The lane of a name that was opened again is another socket's by now.
  if ((state.newest.get(laneOf(handle, place)) ?? handle) === handle) state.states.push(noted);
  if (state.states.length > STATES) state.states.splice(0, STATES / 5);
  return history;
}

function begin(handle: TcpHandle, place: Place, since: number): History {
  const history: History = { handle, ...place, ends: undefined, since, states: [] };
  state.all.set(handle, history);
  keep(state.lasting, handle, history);
  keep(state.newest, laneOf(handle, place), handle);
  return history;
}

function laneOf({ name }: TcpHandle, { pid }: Place): string {
  return `${pid} ${name}`;
}

/** Puts something into a map as its newest entry; the oldest one goes when there are too many. */
function keep<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > HANDLES && !oldest.done) map.delete(oldest.value);
}

/** The handles that are closed, and whose connection the system may still keep: the newest thousand handles at most. */
export function closedHandles(): History[] {
  return [...state.lasting.values()].filter(({ handle }) => handle.closed);
}

/** The system keeps nothing of this connection any more. */
export function forgetHandle(handle: TcpHandle): void {
  state.lasting.delete(handle);
}

/** What the system has told of this handle. */
export function historyOf(handle: TcpHandle): History | undefined {
  return state.all.get(handle);
}

/** The states that the system has told of all handles, oldest first. */
export function observedStates(): readonly StateAtTime[] {
  return [...state.states].sort((a, b) => a.at - b.at);
}

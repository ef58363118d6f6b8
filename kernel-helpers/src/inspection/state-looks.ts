import { processWide } from "../cells";
import { Backstage, during, onStep, type Step } from "../trace";
import type { TcpHandle } from "./state-history";
import { tcpState } from "./tcp-state";

/** So many sockets are asked after one step, at most: all of them when there are no more. */
const AT_ONCE = 16;
/** So many are asked in a second, at most: 2 µs each, so that a loop of calls spends 6 ms of a second on being looked at. */
const A_SECOND = 3200;

/** A TCP socket of this process, as long as it is open. */
export interface OpenTcpSocket extends TcpHandle {
  readonly fd: number;
}

/** What a step tells of the sockets that it may have changed: its own, and the ones at the other end. */
export type Concerned = Pick<Step, "pid" | "handle" | "opened" | "local" | "peer">;

/** This process's TCP sockets, as whoever keeps them tells. Nothing here may take longer because many are open. */
export interface TcpSockets {
  /** How many handles are open, of whatever kind. */
  count(): number;
  /** Told of every step, so that the ones at its ends are found later. */
  noteStep(step: Concerned): void;
  /** The sockets of this process that a step concerns: a few. */
  concernedBy(step: Concerned): Iterable<OpenTcpSocket>;
  /** The next ones in turn, at most so many: who asks often enough meets all of them. */
  next(most: number): Iterable<OpenTcpSocket>;
}

/** Told of every change: this socket has this state now, and had not when it was asked before. The time is this process's. */
type Told = (socket: OpenTcpSocket, state: string, at: number) => void;

const state = processWide("looking at states", () => ({
  sockets: undefined as TcpSockets | undefined,
  looking: false,
  told: undefined as Told | undefined,
  last: new WeakMap<OpenTcpSocket, string>(),
  second: 0,
  asked: 0,
}));

const looking = new Backstage("looking", false);

/** Sets where the sockets are that are looked at. */
export function keepTcpSockets(sockets: TcpSockets): void {
  state.sockets = sockets;
}

/** Sets who is told of what is found; there is one at a time. */
export function tellStates(told: Told): void {
  state.told = told;
}

/**
 * From now on, looks at the states of this process's TCP sockets after every step, as the system tells them: of all when they are few, else
 * of those that the step concerns, and of some others in turn. What is missed so, the next picture finds.
 *
 * @param also what else is done then, as often; it gets the process that made the step
 */
export function lookAfterSteps(also: (pid: number) => void = () => {}): void {
  if (state.looking) return;
  state.looking = true;
  onStep((step) => {
    state.sockets?.noteStep(step);
    if (left() <= 0) return;
    lookNow([step]);
    also(step.pid);
  });
}

/** Whether states are looked at after every step. */
export function stepsAreLookedAt(): boolean {
  return state.looking;
}

/** How many sockets may still be asked in this second. */
function left(): number {
  const second = Math.floor(performance.now() / 1000);
  if (second !== state.second) {
    state.second = second;
    state.asked = 0;
  }
  return A_SECOND - state.asked;
}

/**
 * Looks at states now.
 *
 * @param steps the sockets that these concern come first
 */
export function lookNow(steps: readonly Concerned[] = []): void {
  const { sockets } = state;
  if (sockets === undefined) return;
  // In a second with many steps the later ones have only those looked at that they concern.
  const others = left() > A_SECOND / 2;
  const few = others && sockets.count() <= AT_ONCE;
  const found = new Set<OpenTcpSocket>();
  for (const step of steps) {
    for (const socket of sockets.concernedBy(step)) if (!few && found.size < AT_ONCE) found.add(socket);
  }
  if (others) for (const socket of sockets.next(AT_ONCE - found.size)) found.add(socket);
  for (const socket of found) look(socket);
}

/** One getsockopt: about 2 µs. */
function look(socket: OpenTcpSocket): void {
  state.asked += 1;
  const now = stateOf(socket);
  if (state.last.get(socket) === now) return;
  state.last.set(socket, now);
  state.told?.(socket, now, performance.now());
}

/** The state of a socket of this process, asked of itself; "CLOSE" when its descriptor is gone. */
export function stateOf({ fd }: OpenTcpSocket): string {
  return during(looking, () => tcpState(fd)) ?? "CLOSE";
}

/** Makes calls that belong to nobody's step and are printed nowhere: those that only look. */
export function whileLooking<T>(action: () => T): T {
  return during(looking, action);
}

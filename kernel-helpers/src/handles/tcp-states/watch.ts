import { processWide } from "../../cells";
import { constants } from "../../facts";
import { tcpState } from "../../inspection";
import { Backstage, during, onStep } from "../../trace";
import type { OwnSocket } from "../open-socket";
import { openHandles } from "../registry";

/** With more sockets than this nobody looks at single states, and asking would cost more than the calls. */
const WATCHED = 16;
/** At most so many looks a second: a loop of calls is not slowed down by being watched. */
const LOOKS = 200;

/** Told of every change: this socket has this state now, and had not when it was looked at before. The time is this process's. */
type Saw = (sock: OwnSocket, state: string, at: number) => void;

const state = processWide("looking at states", () => ({
  watching: false,
  saw: undefined as Saw | undefined,
  last: new WeakMap<OwnSocket, string>(),
  second: 0,
  looks: 0,
}));

const looking = new Backstage("looking", false);

/** Sets who is told of what is seen; there is one at a time. */
export function tellStates(saw: Saw): void {
  state.saw = saw;
}

/**
 * From now on, looks at the states of this process's TCP sockets after every step, as the system tells them.
 *
 * @param also what else is done then, as often; it gets the process that made the step
 */
export function watchStates(also: (pid: number) => void = () => {}): void {
  if (state.watching) return;
  state.watching = true;
  onStep(({ pid }) => {
    if (!mayLook()) return;
    lookAtOpen();
    also(pid);
  });
}

/** Whether states are looked at after every step. */
export function statesAreWatched(): boolean {
  return state.watching;
}

function mayLook(): boolean {
  const second = Math.floor(performance.now() / 1000);
  if (second !== state.second) {
    state.second = second;
    state.looks = 0;
  }
  state.looks += 1;
  return state.looks <= LOOKS;
}

/** Asks the sockets that are open for their state: one getsockopt each, about 2 µs. */
export function lookAtOpen(): void {
  const open = openHandles();
  if (open.length > WATCHED) return;
  during(looking, () => {
    for (const sock of open) {
      if (!sock.isInternet || sock.type !== constants.SOCK_STREAM) continue;
      const now = tcpState(sock.fd) ?? "CLOSE";
      if (state.last.get(sock) === now) continue;
      state.last.set(sock, now);
      state.saw?.(sock, now, performance.now());
    }
  });
}

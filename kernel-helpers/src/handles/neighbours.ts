import { processWide } from "../cells";
import type { OpenSocket } from "./open-socket";

/** Another process whose handles the notebook has too. Its sockets can stand in the way of those here. */
export interface Neighbour {
  readonly name: string;
  readonly pid: number;
  /** The network that it is in, once it has told: see `networkOf`. */
  readonly network: string | undefined;
  /** Its open handles, oldest first. */
  openHandles(): readonly OpenSocket[];
  /** Ends it at once; its sockets are closed when this returns. */
  endNow(how: string): void;
}

const state = processWide("neighbours", () => ({ list: (): readonly Neighbour[] => [] }));

/** The other processes that run, oldest first: none, until somebody is able to start one. */
export function neighbours(): readonly Neighbour[] {
  return state.list();
}

/** Sets who knows the other processes. */
export function findNeighboursBy(list: () => readonly Neighbour[]): void {
  state.list = list;
}

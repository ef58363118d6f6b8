import type { Evidence } from "../../conversation";

/** A socket had this TCP state at this time, as the system told. */
export interface StateAt {
  readonly handle: string;
  readonly pid?: number;
  readonly at: number;
  /** Since when this socket was looked at, where a name was another socket's before or is later: from its first state, unless told. */
  readonly since?: number;
  readonly state: string;
}

/** Everything that a ladder is drawn from. */
export interface LadderScene extends Evidence {
  readonly states?: readonly StateAt[];
  /** The time now, for calls that wait still. */
  readonly now?: number;
}

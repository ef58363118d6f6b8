/**
 * One call of a ladder, as plain data: it can come from the trace, from another process or from a JSON file.
 *
 * All times are milliseconds on one clock. Addresses are text as the trace writes them: `127.0.0.1:80`, `[::1]:80`, `unix:/path`.
 */
export interface LadderStep {
  /** The name of the lane. */
  readonly handle: string;
  readonly pid?: number;
  readonly fd?: number;
  /** The execution count of the cell. */
  readonly cell?: number;
  /** The name of the call: "socket", "bind", … */
  readonly call: string;
  /** Arguments that only have to be shown: "AF_INET SOCK_STREAM", "5". */
  readonly detail?: string;
  readonly start: number;
  /** Missing while the call has not returned. */
  readonly end?: number;
  /** The call had to wait. One without an end waits still. */
  readonly waited?: boolean;
  /** What the call returned. With `error` and `ended` missing too, the call has not returned. */
  readonly result?: number;
  /** The name of the errno, when the result is -1. */
  readonly error?: string;
  /** How a wait ended without its call: "timeout", "interrupted", "closed". */
  readonly ended?: string;
  /** The socket's own address and its peer's at the end of the call, where they are known. */
  readonly local?: string;
  readonly peer?: string;
  /** The address in the call: where to bind, connect or send, and from whom accept and recvfrom got something. */
  readonly address?: string;
  /** For accept: the lane of the new socket. */
  readonly opened?: string;
  /** For socket: what it is made for. */
  readonly kind?: "stream" | "datagram";
  /** How many bytes the call was asked to send, or to receive at most. */
  readonly asked?: number;
  /** The first of the bytes that were sent or received. */
  readonly data?: ArrayLike<number> | string;
  /** A receive that leaves the bytes in the queue. */
  readonly peek?: boolean;
}

/** A socket had this TCP state at this time, as the system told. */
export interface StateAt {
  readonly handle: string;
  readonly pid?: number;
  readonly at: number;
  readonly state: string;
}

/** How many datagrams the system has dropped because the handle's receive queue was full. */
export interface Drops {
  readonly handle: string;
  readonly pid?: number;
  readonly count: number;
}

/** A process that is not in the notebook's own network: what is at an address there is not what is at the same address here. */
export interface ForeignNetwork {
  readonly pid: number;
  readonly network: string;
}

/** A process has ended while this handle was open, and the system has closed it. */
export interface ProcessEnd {
  readonly handle: string;
  readonly pid?: number;
  readonly fd?: number;
  readonly at: number;
  /** "was ended by SIGKILL", "has ended" */
  readonly how: string;
}

/** Everything that a ladder is drawn from. The steps are in the order in which the calls began. */
export interface LadderScene {
  readonly steps: readonly LadderStep[];
  readonly states?: readonly StateAt[];
  readonly drops?: readonly Drops[];
  /** The networks of the processes that have others than the notebook. */
  readonly networks?: readonly ForeignNetwork[];
  readonly ends?: readonly ProcessEnd[];
  /** The time now, for calls that wait still. */
  readonly now?: number;
}

export interface LadderOptions {
  /** How many of the last calls to draw: 200 unless told, 1,000 at most. */
  readonly last?: number;
  /** The names of the handles to draw. */
  readonly only?: readonly string[];
}

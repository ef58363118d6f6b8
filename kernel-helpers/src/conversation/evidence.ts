import type { Meaning } from "../calls/description";

/**
 * One call as plain data: it can come from the trace, from another process or from a JSON file.
 *
 * All times are milliseconds on one clock. Addresses are text as the trace writes them: `127.0.0.1:80`, `[::1]:80`, `unix:/path`.
 */
export interface ConversationStep {
  /** The handle's name: the lane in a ladder. */
  readonly handle: string;
  readonly pid?: number;
  readonly fd?: number;
  /** The execution count of the cell. */
  readonly cell?: number;
  /** The name of the call: "socket", "bind", … It is shown, and nothing is concluded from it. */
  readonly call: string;
  /** What the call is in a conversation. Missing for one that is no part of it. */
  readonly means?: Meaning;
  /** Arguments that only have to be shown: "AF_INET SOCK_STREAM", "5". */
  readonly detail?: string;
  readonly start: number;
  /** Missing while the call has not returned. */
  readonly end?: number;
  /** The call had to wait. One without an end waits still. */
  readonly waited?: boolean;
  /**
   * How long it had to wait, in milliseconds, where that is known: until the system told that it need not wait any longer. The process can
   * have been busy, and come to it later. Without it the call has waited from its start to its end.
   */
  readonly waitedFor?: number;
  /** The call took effect at its start also when it waited: it only waited to be told how it went. */
  readonly actsAtOnce?: boolean;
  /** What the call returned. With `error` and `ended` missing too, the call has not returned. */
  readonly result?: number;
  /** The name of the errno, when the result is -1. */
  readonly error?: string;
  /** How a wait ended without its call: "timeout", "interrupted", "closed". */
  readonly ended?: string;
  /** The socket's own address and its peer's at the end of the call, where they are known. */
  readonly local?: string;
  readonly peer?: string;
  /** The address in the call: where to bind, connect or send, or (see `told`) from whom it got something. */
  readonly address?: string;
  /** The system has told the address, and the call was not given it: the arrow before it in a label. */
  readonly told?: "←" | "→";
  /** For one that accepts, duplicates or pairs: the name of the new socket. */
  readonly opened?: string;
  /** For one that opens: what the socket is made for. */
  readonly kind?: "stream" | "datagram";
  /** For one that shuts. */
  readonly shuts?: "sending" | "receiving" | "both";
  /** For one that sets: the option's name, and its value in words. */
  readonly sets?: { readonly option: string; readonly value?: string | undefined };
  /** How many bytes the call was asked to send, or to receive at most. */
  readonly asked?: number;
  /** The first of the bytes that were sent or received. */
  readonly data?: ArrayLike<number> | string;
  /** A receive that leaves the bytes in the queue. */
  readonly peek?: boolean;
  /** With a byte out of band, which is not counted with the others. */
  readonly urgent?: boolean;
  /** No call: the process has ended, and the system has closed its socket. */
  readonly processEnd?: boolean;
}

/** How many datagrams the system has dropped because the handle's receive queue was full, or its filter refused them. */
export interface Drops {
  readonly handle: string;
  readonly pid?: number;
  readonly count: number;
}

/** What the system says of the queue of an open socket, at the end of the record. */
export interface Queue {
  readonly handle: string;
  readonly pid?: number;
  /**
   * Of a socket for datagrams, the bytes of memory that they take, which are more than they have themselves; of a listening one, how many
   * connections wait. Missing where the system does not say it.
   */
  readonly length?: number;
  /** Another socket, of which the record knows nothing, has the address too. */
  readonly shared?: boolean;
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

/** Everything from which it is found out who spoke to whom. The steps are in the order in which the calls began. */
export interface Evidence {
  readonly steps: readonly ConversationStep[];
  readonly drops?: readonly Drops[];
  readonly queues?: readonly Queue[];
  /** The networks of the processes that have others than the notebook. */
  readonly networks?: readonly ForeignNetwork[];
  readonly ends?: readonly ProcessEnd[];
}

/** The call has returned or its wait has ended. */
export function isOver({ result, error, ended }: ConversationStep): boolean {
  return result !== undefined || error !== undefined || ended !== undefined;
}

export function succeeded({ result, error, ended }: ConversationStep): boolean {
  return result !== undefined && result >= 0 && error === undefined && ended === undefined;
}

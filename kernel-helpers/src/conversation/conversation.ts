import type { ConversationStep } from "./evidence";

/** The socket had this address from this time on. None: it had no peer any more. */
export interface AddressSince {
  readonly at: number;
  readonly address: string | undefined;
}

/** One socket under one name, from the call that opened it to its close. A name that is opened again is another socket. */
export interface ConversationSocket {
  /** Its place in {@link Conversation.sockets}. */
  readonly id: number;
  readonly handle: string;
  readonly pid: number | undefined;
  /** The network of its process, when it is not the notebook's. */
  readonly network: string | undefined;
  readonly fd: number | undefined;
  readonly kind: "stream" | "datagram" | undefined;
  /** The addresses that it had, its own and its peer's, as the system told them or a call that succeeded gave them. */
  readonly locals: readonly AddressSince[];
  readonly peers: readonly AddressSince[];
  /** Since when it listens, if it does. */
  readonly listens: number | undefined;
  /** Options that were set, with their values in words. */
  readonly options: Readonly<Record<string, string | undefined>>;
  /** The calls that opened and closed it, by their place in {@link Conversation.calls}; missing when the record begins later or it is open. */
  readonly openedBy: number | undefined;
  readonly closedBy: number | undefined;
  /** The listener that accepted it. */
  readonly listener: number | undefined;
  /** The socket of which this is another descriptor. */
  readonly duplicateOf: number | undefined;
}

/** One call in its place. */
export interface ConversationCall {
  /** Its place in {@link Conversation.calls}. */
  readonly index: number;
  readonly step: ConversationStep;
  /** The socket that it was made on; none when it made none. */
  readonly socket: number | undefined;
  /** The new socket, of a call that accepts, duplicates or pairs. */
  readonly opened: number | undefined;
  /** When it did what it did: one that waited at its end, another at its start. */
  readonly at: number;
}

/** What travels: a connection request and its way out of the queue, bytes of a stream, a datagram, the end of a stream. */
export type Cargo = "connection" | "new socket" | "bytes" | "datagram" | "FIN" | "RST";

/** What became of it. `outside` is another end that no call of the record is made on. */
export type Fate = "taken" | "queued" | "lost" | "outside";

/** Why something did not arrive, or only a part of it. */
export type Reason =
  | "refused"
  | "nobody has the port"
  | "not its peer"
  | "never accepted"
  | "never received"
  | "queue full"
  | "filter"
  | "overtaken"
  | "cut";

/**
 * How a link is known. `observed`: the system itself has told both ends (getsockname, getpeername, accept, recvfrom, an errno), and nothing
 * else fits. `inferred`: it follows from the order of the calls, from a rule of the system, or from what was not seen. What is not known
 * either way is no link.
 */
export type Certainty = "observed" | "inferred";

/** One thing that went from a call to a call. */
export interface Link {
  readonly cargo: Cargo;
  readonly fate: Fate;
  readonly known: Certainty;
  /** From what it is known, as the rest of a sentence: "accept told the client's address". */
  readonly because: string;
  /** The call that sent it, by its place in {@link Conversation.calls}; missing when it came from outside. */
  readonly from?: number;
  /** The call that took it. */
  readonly to?: number;
  /** The socket where it arrives, by its place in {@link Conversation.sockets}. */
  readonly socket?: number;
  readonly bytes?: number;
  readonly reason?: Reason;
}

/** Who spoke to whom: plain data, for pictures, for checks and for programs. */
export interface Conversation {
  readonly calls: readonly ConversationCall[];
  readonly sockets: readonly ConversationSocket[];
  readonly links: readonly Link[];
}

/** What an address was at a time. */
export function addressAt(list: readonly AddressSince[], at: number): string | undefined {
  let found: string | undefined;
  for (const since of list) if (since.at <= at) found = since.address;
  return found;
}

import { destination, FIT, isName, isPath, isUnix, plainAddress, UNSPEC } from "./addresses";
import type { Certainty, ConversationCall } from "./conversation";
import { succeeded } from "./evidence";
import { Names } from "./names";
import { type BookedSocket, skew } from "./socket-book";

/** A connection: its two ends as far as the record has them, and how it is known. */
export interface Connection {
  /** Whose connect() it is, and the call. */
  readonly client: BookedSocket | undefined;
  readonly connect: ConversationCall | undefined;
  /** When the client has taken it back, to make another one. */
  until: number;
  /** The socket at the other end: the accepted one, or that of another connect(). */
  server: BookedSocket | undefined;
  accept: ConversationCall | undefined;
  /** In whose queue it waits or waited. */
  listener: BookedSocket | undefined;
  /** Nothing: the other end is not known. `outside`: it is none of the record. */
  known: Certainty | undefined;
  outside: boolean;
  because: string;
}

/** What the pairing is made from. */
interface Ends {
  readonly sockets: readonly BookedSocket[];
  readonly calls: readonly ConversationCall[];
}

/** Finds out which connect belongs to which accept, and in whose queue the others wait. */
export function connectionsOf({ sockets, calls }: Ends): Connection[] {
  const streams = sockets.filter(({ kind }) => kind === "stream");
  const connections: Connection[] = [];
  const accepts: ConversationCall[] = [];
  const attempts = new Attempts(connections);
  for (const call of calls) {
    const { step, opened } = call;
    const socket = call.socket === undefined ? undefined : sockets[call.socket];
    if (socket === undefined || socket.kind !== "stream") continue;
    if (step.means === "connects") attempts.note(sockets[socket.duplicateOf ?? socket.id]!, call);
    else if (step.means === "accepts" && (opened !== undefined || step.error === "EAGAIN")) accepts.push(call);
    else if (step.means === "pairs" && opened !== undefined) connections.push(paired(socket, sockets[opened]!));
  }
  meetThemselves(connections);
  const names = new Names(streams);
  const queues = new Queues(connections, sockets, names);
  for (const accept of inTime(accepts)) queues.take(accept);
  queues.doubt();
  const listeners = streams.filter(({ listens }) => listens !== undefined);
  for (const connection of connections)
    if (connection.known === undefined && connection.accept === undefined) wait(connection, listeners, names);
  return connections;
}

/** Errors of a connect that say nothing new of the one before it. */
const UNDECIDED = new Set(["EINPROGRESS", "EALREADY", "EISCONN"]);

/** Which connects are the beginning of a connection: not those that ask once more how an earlier one goes, or take it back. */
class Attempts {
  private readonly current = new Map<BookedSocket, Connection>();

  constructor(private readonly connections: Connection[]) {}

  note(client: BookedSocket, call: ConversationCall): void {
    const { step, at } = call;
    const before = this.current.get(client);
    if (step.address === UNSPEC) {
      if (!succeeded(step)) return;
      if (before !== undefined) before.until = at;
      this.current.delete(client);
    } else if (succeeded(step) || step.error === "EINPROGRESS") {
      if (before !== undefined) return;
      const connection = asked(client, call);
      this.connections.push(connection);
      this.current.set(client, connection);
    } else if (before !== undefined && step.error !== undefined && !UNDECIDED.has(step.error)) {
      // The one that was under way has failed: this call has told it.
      this.connections.splice(this.connections.indexOf(before), 1);
      this.current.delete(client);
    }
  }
}

function asked(client: BookedSocket, connect: ConversationCall): Connection {
  return {
    client,
    connect,
    until: Number.POSITIVE_INFINITY,
    server: undefined,
    accept: undefined,
    listener: undefined,
    known: undefined,
    outside: false,
    because: "",
  };
}

function paired(one: BookedSocket, other: BookedSocket): Connection {
  return {
    ...asked(one, undefined as never),
    connect: undefined,
    server: other,
    known: "observed",
    because: "socketpair made both ends",
  };
}

function inTime(calls: readonly ConversationCall[]): ConversationCall[] {
  return [...calls].sort((a, b) => a.at - b.at || a.index - b.index);
}

/** The client's own address, once it was connected. */
function localOf({ client, connect, until }: Connection): string | undefined {
  return connect!.step.local ?? client!.locals.findLast(({ at }) => at < until)?.address;
}

/** Where the connect went, as the system told it or the call was given it. */
function targetOf(connection: Connection): string | undefined {
  const { client, connect, until } = connection;
  const told = client!.peers.find(({ at, address }) => at > connect!.at && at < until && address !== undefined);
  const target = told?.address ?? connect!.step.address ?? connect!.step.peer;
  return target === undefined ? undefined : destination(target, localOf(connection));
}

/** Two connects that meet (RFC 9293, 3.5: simultaneous open), or one that meets itself: nobody accepts. */
function meetThemselves(connections: readonly Connection[]): void {
  const byLocal = new Map<string, Connection[]>();
  const keyOf = ({ client }: Connection, address: string): string =>
    `${client!.network ?? ""} ${plainAddress(address)}`;
  for (const connection of connections) {
    const local = connection.connect === undefined ? undefined : localOf(connection);
    if (!isName(local) || isUnix(local)) continue;
    const key = keyOf(connection, local);
    byLocal.set(key, [...(byLocal.get(key) ?? []), connection]);
  }
  for (const [key, ones] of byLocal) {
    for (const one of ones) {
      const target = targetOf(one);
      if (one.known !== undefined || !isName(target)) continue;
      const there = keyOf(one, target);
      if (there === key) {
        const because = "its own address and its peer's are the same";
        Object.assign(one, { server: one.client, known: "observed", because });
        continue;
      }
      const other = byLocal.get(there)?.find((candidate) => isMirrored(one, candidate, key));
      if (other === undefined) continue;
      const because = "each has the other's address as its peer's";
      // The same connection, seen from each of its ends.
      Object.assign(one, { server: other.client, known: "observed", because });
      Object.assign(other, { server: one.client, known: "observed", because });
    }
  }

  function isMirrored(one: Connection, other: Connection, local: string): boolean {
    const target = targetOf(other);
    if (other.known !== undefined || target === undefined || keyOf(other, target) !== local) return false;
    return together(one.client!, one.connect!.at, other.client!, other.connect!.at);
  }
}

function together(a: BookedSocket, aFrom: number, b: BookedSocket, bFrom: number): boolean {
  return a.closedAt >= bFrom - skew(a, b) && b.closedAt >= aFrom - skew(a, b);
}

/** Finds what each accept took. */
class Queues {
  /** Connects that nobody has accepted, by the client's own address; and those without one that tells them apart, by where they went. */
  private readonly byLocal = new Map<string, Connection[]>();
  private readonly nameless = new Map<string, Connection[]>();
  /** Those that were paired by their order alone, and those that came from outside without a name. */
  private readonly byOrder: Connection[] = [];
  private readonly strangers: Connection[] = [];
  /** When an accept found nobody in the queue of a listener, in the order of time. */
  private readonly empty = new Map<BookedSocket, number[]>();

  constructor(
    private readonly connections: Connection[],
    private readonly sockets: readonly BookedSocket[],
    private readonly names: Names,
  ) {
    for (const connection of connections) {
      const target = connection.connect === undefined ? undefined : targetOf(connection);
      if (connection.known !== undefined || target === undefined) continue;
      const local = localOf(connection);
      if (isName(local)) push(this.byLocal, plainAddress(local), connection);
      else push(this.nameless, target, connection);
    }
  }

  /** What an accept took: the connect whose address the system told, or the one that has waited longest where there are no addresses. */
  take(accept: ConversationCall): void {
    const listener = this.sockets[accept.socket!]!;
    const from = accept.step.address;
    const { error, waited, start } = accept.step;
    if (error !== undefined || waited === true) this.foundNobody(listener, error === undefined ? start : accept.at);
    if (error !== undefined) return;
    const same = isName(from) ? (this.byLocal.get(plainAddress(from)) ?? []) : [];
    const named = same.filter((connection) => this.couldWait(connection, listener, accept));
    if (named.length > 0) {
      const [first] = named;
      if (named.length === 1) this.pair(first!, accept, "observed", "accept told the address of the client's socket");
      else
        this.pair(first!, accept, "inferred", "a queue gives first what came first, and this address was used again");
      return;
    }
    const [oldest, another] = this.oldest(listener, accept);
    // The system told a name, and it cannot be told which of several clients without a known name has it.
    if (oldest !== undefined && !(isName(from) && another !== undefined)) {
      const because = "a queue gives first what came first, and the clients have no addresses that tell them apart";
      this.pair(oldest, accept, "inferred", because);
      this.byOrder.push(oldest);
      return;
    }
    const outside = oldest === undefined && same.length === 0 && !this.mayBeOther(listener, from);
    const because = "no socket of the record has connected there from this address";
    const alone = { ...NOBODY, server: this.sockets[accept.opened!]!, accept, listener };
    const connection = outside ? { ...alone, known: "inferred" as const, outside, because } : alone;
    this.connections.push(connection);
    if (outside && !isName(from)) this.strangers.push(connection);
  }

  private foundNobody(listener: BookedSocket, at: number): void {
    const times = this.empty.get(listener);
    if (times === undefined) this.empty.set(listener, [at]);
    else times.push(at);
  }

  /**
   * A client from outside that has no name can have been before those of the record in the queue: then it took the place of the first of them,
   * and each of these that of the next. Not when an accept found nobody there since they came.
   */
  doubt(): void {
    for (const stranger of this.strangers) {
      const { listener, accept } = stranger;
      const { at } = accept!;
      const empty = this.empty.get(listener!)?.findLast((one) => one <= at) ?? Number.NEGATIVE_INFINITY;
      const doubtful = this.byOrder.filter((connection) => {
        if (connection.listener !== listener || connection.accept!.at > at) return false;
        return connection.connect!.at > empty - skew(connection.client!, listener!);
      });
      const unknown = { known: undefined, outside: false };
      for (const connection of doubtful) Object.assign(connection, unknown);
      if (doubtful.length > 0) Object.assign(stranger, unknown);
    }
  }

  private pair(connection: Connection, accept: ConversationCall, known: Certainty, because: string): void {
    const [server, listener] = [this.sockets[accept.opened!]!, this.sockets[accept.socket!]!];
    Object.assign(connection, { server, accept, listener, known, because });
    const local = localOf(connection);
    const list = isName(local) ? this.byLocal.get(plainAddress(local)) : this.nameless.get(targetOf(connection)!);
    list?.splice(list.indexOf(connection), 1);
  }

  /** The two that have waited longest, of those without a known name. */
  private oldest(listener: BookedSocket, accept: ConversationCall): Connection[] {
    const found: Connection[] = [];
    for (const list of this.nameless.values()) {
      let some = 0;
      for (const connection of list) {
        if (!this.couldWait(connection, listener, accept)) continue;
        found.push(connection);
        some += 1;
        if (some === 2) break;
      }
    }
    return found.sort((a, b) => a.connect!.at - b.connect!.at);
  }

  /** Somebody's connect of which not everything is known: it must not be said that the accepted one came from outside. */
  private mayBeOther(listener: BookedSocket, from: string | undefined): boolean {
    for (const [target, list] of this.nameless) {
      // The same file can have another path.
      if (isPath(target) !== !isName(from)) continue;
      if (list.some(({ client }) => isPath(target) || client!.network === listener.network)) return true;
    }
    return false;
  }

  /** The connect was made to this listener, while it listened. */
  private couldWait(connection: Connection, listener: BookedSocket, accept: ConversationCall): boolean {
    const { client, connect } = connection;
    const tolerance = skew(client!, listener);
    if (connect!.at > accept.at + tolerance || connect!.at > listener.closedAt + tolerance) return false;
    if (connect!.at < (listener.listens ?? 0) - tolerance) return false;
    return this.names.fit(listener, targetOf(connection)!, client!, connect!.at) > FIT.no;
  }
}

const NOBODY = {
  client: undefined,
  connect: undefined,
  until: Number.POSITIVE_INFINITY,
  known: undefined,
  outside: false,
  because: "",
};

function push(map: Map<string, Connection[]>, key: string, connection: Connection): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [connection]);
  else list.push(connection);
}

/** A connect that nobody has accepted: it waits with the listener that has this address, if one alone has it. */
function wait(connection: Connection, listeners: readonly BookedSocket[], names: Names): void {
  const { client, connect } = connection;
  const target = connect === undefined ? undefined : targetOf(connection);
  if (client === undefined || connect === undefined || target === undefined) return;
  const { at } = connect;
  const open = listeners.filter((socket) => {
    const tolerance = skew(socket, client);
    return socket.listens! <= at + tolerance && socket.closedAt >= at - tolerance;
  });
  const fits = open.map((socket) => ({ socket, how: names.fit(socket, target, client, at) }));
  const best = Math.max(0, ...fits.map(({ how }) => how));
  const found = fits.filter(({ how }) => how === best && how > FIT.no);
  const own = best === FIT.exact || names.isOwn(target, localOf(connection), client.network);
  if (found.length === 1 && own) {
    Object.assign(connection, {
      listener: found[0]!.socket,
      known: "inferred",
      because: "it is the only listener of the record with this address, and nobody has accepted it",
    });
  } else if (found.length === 0 && !open.some((socket) => mayHave(socket, target, client.network))) {
    Object.assign(connection, {
      known: "inferred",
      outside: true,
      because: "no socket of the record listens at this address",
    });
  }
}

/** The record does not tell where it listens; or the same file has another path. */
function mayHave({ locals, network }: BookedSocket, target: string, wanted: string | undefined): boolean {
  if (isPath(target)) return locals.every(({ address }) => address === undefined || isPath(address));
  return network === wanted && locals.length === 0;
}

import {
  destination,
  FIT,
  fit,
  hostOf,
  isLoopback,
  isName,
  isPath,
  isUnix,
  plainAddress,
  sameAddress,
} from "./addresses";
import type { Certainty, ConversationCall } from "./conversation";
import { addressAt } from "./conversation";
import { succeeded } from "./evidence";
import { type OpenSocket, skew } from "./socket-book";

/** A connection: its two ends as far as the record has them, and how it is known. */
export interface Connection {
  /** Whose connect() it is, and the call. */
  readonly client: OpenSocket | undefined;
  readonly connect: ConversationCall | undefined;
  /** The socket at the other end: the accepted one, or that of another connect(). */
  server: OpenSocket | undefined;
  accept: ConversationCall | undefined;
  /** In whose queue it waits or waited. */
  listener: OpenSocket | undefined;
  /** Nothing: the other end is not known. `outside`: it is none of the record. */
  known: Certainty | undefined;
  outside: boolean;
  because: string;
}

/** What the pairing is made from. */
interface Ends {
  readonly sockets: readonly OpenSocket[];
  readonly calls: readonly ConversationCall[];
}

/** Finds out which connect belongs to which accept, and in whose queue the others wait. */
export function connectionsOf({ sockets, calls }: Ends): Connection[] {
  const streams = sockets.filter(({ kind }) => kind === "stream");
  const connections: Connection[] = [];
  const accepts: ConversationCall[] = [];
  for (const call of calls) {
    const { step, opened } = call;
    const socket = call.socket === undefined ? undefined : sockets[call.socket];
    if (socket === undefined || socket.kind !== "stream") continue;
    if (step.means === "connects" && (succeeded(step) || step.error === "EINPROGRESS"))
      connections.push(asked(socket, call));
    else if (step.means === "accepts" && opened !== undefined) accepts.push(call);
    else if (step.means === "pairs" && opened !== undefined) connections.push(paired(socket, sockets[opened]!));
  }
  meetThemselves(connections);
  for (const accept of inTime(accepts)) take(accept, connections, sockets);
  for (const connection of connections) if (connection.known === undefined) wait(connection, streams);
  return connections;
}

function asked(client: OpenSocket, connect: ConversationCall): Connection {
  return {
    client,
    connect,
    server: undefined,
    accept: undefined,
    listener: undefined,
    known: undefined,
    outside: false,
    because: "",
  };
}

function paired(one: OpenSocket, other: OpenSocket): Connection {
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
function localOf({ client, connect }: Connection): string | undefined {
  return connect!.step.local ?? client!.locals.at(-1)?.address;
}

/** Where the connect went, as the system told it or the call was given it. */
function targetOf({ client, connect }: Connection): string | undefined {
  const told = client!.peers.find(({ at, address }) => at > connect!.at && address !== undefined)?.address;
  const target = told ?? connect!.step.address ?? connect!.step.peer;
  return target === undefined ? undefined : destination(target);
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

function together(a: OpenSocket, aFrom: number, b: OpenSocket, bFrom: number): boolean {
  return a.closedAt >= bFrom - skew(a, b) && b.closedAt >= aFrom - skew(a, b);
}

/** What an accept took: the connect whose address the system told, or the one that has waited longest where there are no addresses. */
function take(accept: ConversationCall, connections: Connection[], sockets: readonly OpenSocket[]): void {
  const listener = sockets[accept.socket!]!;
  const opened = sockets[accept.opened!]!;
  const from = accept.step.address;
  const waiting = connections.filter((connection) => couldWait(connection, listener, accept, sockets));
  const named = isName(from) ? waiting.filter((connection) => isHis(localOf(connection), from)) : [];
  const [found, another] =
    named.length > 0 ? named : waiting.filter((connection) => !isName(from) || localOf(connection) === undefined);
  if (found !== undefined) {
    const certain = named.length > 0 && another === undefined;
    // Without a name of the client and of the connect that could be his, the oldest comes first, unless several could be meant.
    if (named.length === 0 && isName(from) && another !== undefined) {
      connections.push(unknown(accept, listener, opened));
      return;
    }
    Object.assign(found, {
      server: opened,
      accept,
      listener,
      known: certain ? "observed" : "inferred",
      because: certain
        ? "accept told the address of the client's socket"
        : "a queue gives first what came first, and the clients have no addresses that tell them apart",
    });
    return;
  }
  const strange = waiting.length === 0 && !connections.some((connection) => mayBeHis(connection, listener, from));
  const because = "no socket of the record has connected there from this address";
  const alone = unknown(accept, listener, opened);
  connections.push(strange ? { ...alone, known: "inferred", outside: true, because } : alone);
}

function unknown(accept: ConversationCall, listener: OpenSocket, server: OpenSocket): Connection {
  const nothing = { client: undefined, connect: undefined, known: undefined, outside: false, because: "" };
  return { ...nothing, server, accept, listener };
}

function isHis(local: string | undefined, from: string): boolean {
  return local !== undefined && isName(local) && sameAddress(local, from);
}

/** A connect of which not everything is known: it must not be said that the accepted one came from outside. */
function mayBeHis(
  { client, connect, known, server }: Connection,
  listener: OpenSocket,
  from: string | undefined,
): boolean {
  if (connect === undefined || (known !== undefined && server !== undefined)) return false;
  const local = connect.step.local ?? client!.locals.at(-1)?.address;
  return client!.network === listener.network && isName(from) && (local === undefined || isHis(local, from));
}

/** The connect was made to this listener, while it listened, and is in nobody's hands. */
function couldWait(
  connection: Connection,
  listener: OpenSocket,
  accept: ConversationCall,
  sockets: readonly OpenSocket[],
): boolean {
  const { client, connect, server, known } = connection;
  if (connect === undefined || server !== undefined || known !== undefined) return false;
  const target = targetOf(connection);
  const tolerance = skew(client!, listener);
  if (target === undefined || connect.at > accept.at + tolerance) return false;
  if (connect.at < (listener.listens ?? 0) - tolerance || connect.at > listener.closedAt + tolerance) return false;
  return hasName(listener, target, client!, connect.at, sockets) > FIT.no;
}

/** How exactly a socket had a name at a time. Who binds a path that another has bound took it away from it: the file was removed before. */
function hasName(
  socket: OpenSocket,
  target: string,
  client: OpenSocket,
  at: number,
  sockets: readonly OpenSocket[],
): number {
  if (socket.network !== client.network && !isPath(target)) return FIT.no;
  const local = addressAt(socket.locals, at + skew(socket, client));
  if (local === undefined) return FIT.no;
  const fits = fit(target, local, isOn(socket.options.IPV6_V6ONLY));
  if (fits === FIT.no || !isPath(target)) return fits;
  const bound = boundAt(socket, target);
  const later = sockets.some(
    (other) =>
      other !== socket && other.kind === socket.kind && boundAt(other, target) > bound && boundAt(other, target) <= at,
  );
  return later ? FIT.no : fits;
}

function boundAt(socket: OpenSocket, path: string): number {
  // What an accepted socket is called by, its listener was bound to.
  if (socket.listener !== undefined) return Number.NEGATIVE_INFINITY;
  return socket.locals.find(({ address }) => address === path)?.at ?? Number.NEGATIVE_INFINITY;
}

export function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== "0" && value !== "false";
}

/** A connect that nobody has accepted: it waits with the listener that has this address, if one alone has it. */
function wait(connection: Connection, streams: readonly OpenSocket[]): void {
  const { client, connect } = connection;
  const target = connect === undefined ? undefined : targetOf(connection);
  if (client === undefined || connect === undefined || target === undefined) return;
  const listeners = streams.filter(
    (socket) =>
      socket.listens !== undefined &&
      socket.listens <= connect.at + skew(socket, client) &&
      socket.closedAt >= connect.at - skew(socket, client),
  );
  const fits = listeners.map((socket) => ({
    socket,
    how: hasName(socket, target, client, connect.at, streams),
  }));
  const best = Math.max(0, ...fits.map(({ how }) => how));
  const found = fits.filter(({ how }) => how === best && how > FIT.no);
  const own = best === FIT.exact || isOwn(target, localOf(connection), client.network, streams);
  if (found.length === 1 && own) {
    Object.assign(connection, {
      listener: found[0]!.socket,
      known: "inferred",
      because: "it is the only listener of the record with this address, and nobody has accepted it",
    });
  } else if (found.length === 0 && !mayListen(target, client.network, connect.at, streams)) {
    Object.assign(connection, {
      known: "inferred",
      outside: true,
      because: "no socket of the record listens at this address",
    });
  }
}

/** Whether a target is an address of this machine. The system takes as a client's own address the same one when it is. */
export function isOwn(
  target: string,
  local: string | undefined,
  network: string | undefined,
  sockets: readonly OpenSocket[],
): boolean {
  const host = hostOf(target);
  if (host === undefined || isLoopback(host)) return true;
  if (local !== undefined && hostOf(plainAddress(local)) === host) return true;
  return sockets.some(
    (socket) =>
      socket.network === network &&
      socket.locals.some(({ address }) => address !== undefined && hostOf(address) === host),
  );
}

/** A socket listens of which the record does not tell where; or the same file has another path. */
function mayListen(target: string, network: string | undefined, at: number, streams: readonly OpenSocket[]): boolean {
  return streams.some(({ listens, closedAt, locals, network: other }) => {
    if (listens === undefined || listens > at || closedAt < at) return false;
    if (isPath(target)) return locals.every(({ address }) => address === undefined || isPath(address));
    return other === network && locals.length === 0;
  });
}

import { UNSPEC } from "./addresses";
import { ByteStream } from "./byte-streams";
import type { Connection } from "./connections";
import type { ConversationCall, Link } from "./conversation";
import { succeeded } from "./evidence";
import type { QueuesAtEnd } from "./queues-at-end";
import type { BookedSocket } from "./socket-book";

/** What goes through a connection, in both directions. */
interface Pipe {
  readonly connection: Connection;
  readonly toServer: ByteStream;
  readonly toClient: ByteStream;
}

/** Follows the stream sockets: what went through each connection. */
export class Streams {
  private readonly links: Link[] = [];
  private readonly pipes: Pipe[];
  /** Those of each socket, in the order of time: nearly always one. */
  private readonly ofSocket = new Map<BookedSocket, Pipe[]>();
  /** Sockets that receive nothing any more, by their own will: there a receive returns 0 whatever the peer does. */
  private readonly deaf = new Set<BookedSocket>();
  private waiting: ReadonlyMap<BookedSocket, number> | undefined;

  constructor(
    private readonly sockets: readonly BookedSocket[],
    connections: readonly Connection[],
    private readonly queues: QueuesAtEnd,
  ) {
    this.pipes = connections.map((connection) => {
      const known = connection.known ?? "inferred";
      const because =
        connection.known === "observed" ? `${connection.because}, and a stream keeps its order` : connection.because;
      return { connection, toServer: new ByteStream(known, because), toClient: new ByteStream(known, because) };
    });
    for (const pipe of this.pipes) if (!this.isTwin(pipe)) this.add(pipe);
  }

  private add(pipe: Pipe): void {
    for (const end of new Set([pipe.connection.client, pipe.connection.server]))
      if (end !== undefined) this.ofSocket.set(end, [...(this.ofSocket.get(end) ?? []), pipe]);
  }

  /** The same connection, seen from its other end: two connects have met. */
  private isTwin({ connection: { client, server } }: Pipe): boolean {
    if (client === undefined || server === undefined || client === server) return false;
    return (this.ofSocket.get(client) ?? []).some(
      ({ connection }) => connection.client === server && connection.server === client,
    );
  }

  /** Reads the calls in the order in which they took effect. */
  read(inTime: readonly ConversationCall[]): readonly Link[] {
    for (const call of inTime) {
      const socket = call.socket === undefined ? undefined : this.sockets[call.socket];
      if (socket?.kind === "stream") this.call(call, this.sockets[socket.duplicateOf ?? socket.id]!, socket);
    }
    for (const pipe of new Set([...this.ofSocket.values()].flat())) this.finish(pipe);
    return this.links;
  }

  private call(call: ConversationCall, socket: BookedSocket, descriptor: BookedSocket): void {
    const { step, index } = call;
    if (step.means === "connects" && step.error === "ECONNREFUSED") {
      const because = "the system has told that nobody listens there";
      this.links.push({
        cargo: "connection",
        fate: "lost",
        from: index,
        reason: "refused",
        known: "observed",
        because,
      });
    }
    if (step.error === "ECONNRESET") this.into(socket, call)?.learn(call, true);
    if (!succeeded(step)) return;
    if (step.urgent === true) this.lostCount(socket, call);
    switch (step.means) {
      case "sends":
        this.outOf(socket, call)?.send(call, step.result!);
        break;
      case "receives":
        if (step.peek !== true) this.receive(call, socket);
        break;
      case "shuts":
        if (step.shuts !== "sending") this.deaf.add(socket);
        if (step.shuts !== "receiving") this.outOf(socket, call)?.finish(call);
        break;
      case "connects":
        if (step.address === UNSPEC) this.outOf(socket, call)?.finish(call, TAKEN_BACK);
        break;
      case "closes":
        if (this.isLast(descriptor, call)) this.close(call, socket);
        break;
      default:
        break;
    }
  }

  private receive(call: ConversationCall, socket: BookedSocket): void {
    const { result, asked } = call.step;
    if (result! > 0) this.into(socket, call)?.receive(call, result!);
    else if (asked !== 0 && !this.deaf.has(socket)) this.into(socket, call)?.learn(call, false);
  }

  /** No other descriptor of the socket is open any more: the connection ends with the last one. */
  private isLast({ id, duplicateOf }: BookedSocket, { at }: ConversationCall): boolean {
    const root = duplicateOf ?? id;
    return this.sockets.every(
      (other) => other.id === id || (other.duplicateOf ?? other.id) !== root || other.closedAt <= at,
    );
  }

  private close(call: ConversationCall, socket: BookedSocket): void {
    const lingers = socket.options.SO_LINGER;
    const atOnce = lingers !== undefined && /^\{(true|1), 0\}$/.test(lingers);
    const unread = (this.into(socket, call)?.unread ?? 0) > 0;
    this.outOf(socket, call)?.finish(call, atOnce ? AT_ONCE : unread ? UNREAD : undefined);
    if (socket.listens === undefined) return;
    // The system breaks the connections that nobody has accepted.
    for (const { connection, toClient } of this.pipes)
      if (connection.listener === socket && connection.server === undefined) toClient.finish(call, NEVER_ACCEPTED);
  }

  /** A byte out of band is not counted with the others: from here on nobody can say which bytes these are. */
  private lostCount(socket: BookedSocket, call: ConversationCall): void {
    this.into(socket, call)?.giveUp();
    this.outOf(socket, call)?.giveUp();
  }

  private outOf(socket: BookedSocket, call: ConversationCall): ByteStream | undefined {
    const pipe = this.pipe(socket, call);
    return pipe?.connection.client === socket ? pipe.toServer : pipe?.toClient;
  }

  private into(socket: BookedSocket, call: ConversationCall): ByteStream | undefined {
    const pipe = this.pipe(socket, call);
    if (pipe === undefined) return undefined;
    const { client, server } = pipe.connection;
    // A socket that is connected to itself receives what it sends.
    return client === socket && server !== socket ? pipe.toClient : pipe.toServer;
  }

  /** The connection that the socket had when the call was made. */
  private pipe(socket: BookedSocket, { at }: ConversationCall): Pipe | undefined {
    const pipes = this.ofSocket.get(socket);
    if (pipes === undefined || pipes.length === 1) return pipes?.[0];
    return pipes.findLast(({ connection }) => beginningAt(connection, socket) <= at) ?? pipes[0];
  }

  private finish({ connection, toServer, toClient }: Pipe): void {
    const { client, connect, server, accept, listener, known, outside, because } = connection;
    const contradicted = known === "inferred" && !outside && (toServer.isContradicted || toClient.isContradicted);
    if (known === undefined || contradicted || this.isElsewhere(connection)) return;
    if (accept !== undefined) {
      this.links.push({
        cargo: "connection",
        fate: connect === undefined ? "outside" : "taken",
        ...(connect === undefined ? {} : { from: connect.index }),
        to: accept.index,
        socket: accept.socket!,
        known,
        because,
      });
    } else if (connect !== undefined && server === undefined) this.unaccepted(connection, connect);
    this.links.push(...toServer.rest(server ?? listener, outside), ...toClient.rest(client, outside));
  }

  /** It should wait with a listener, and can be with another one that has the address too, of which the record knows nothing. */
  private isElsewhere({ listener, server }: Connection): boolean {
    if (listener === undefined || server !== undefined || listener.closedBy !== undefined) return false;
    return this.queues.isShared(listener) || this.waitingAt(listener) > (this.queues.length(listener) ?? Infinity);
  }

  /** How many connections should wait there. */
  private waitingAt(listener: BookedSocket): number {
    this.waiting ??= countBy(this.pipes, ({ connection: { listener, server, connect } }) =>
      server === undefined && connect !== undefined && succeeded(connect.step) ? listener : undefined,
    );
    return this.waiting.get(listener) ?? 0;
  }

  private unaccepted({ listener, because }: Connection, connect: ConversationCall): void {
    const link = { cargo: "connection", from: connect.index, known: "inferred", because } as const;
    if (listener === undefined) this.links.push({ ...link, fate: "outside" });
    else if (listener.closedBy === undefined) this.links.push({ ...link, fate: "queued", socket: listener.id });
    else this.links.push({ ...link, fate: "lost", socket: listener.id, reason: "never accepted" });
  }
}

/** Why a connection is broken, and not ended. */
const UNREAD = "a close with unread bytes breaks the connection (RFC 2525, 2.17)";
const AT_ONCE = "with SO_LINGER and a time of 0 a close breaks the connection (socket(7))";
const NEVER_ACCEPTED = "the system breaks the connections that nobody has accepted, when their listener closes";
const TAKEN_BACK = "connect() with AF_UNSPEC breaks a TCP connection, on Linux (connect(2))";

/** When the connection began, for one of its ends. */
function beginningAt({ client, connect, accept }: Connection, socket: BookedSocket): number {
  return (client === socket ? connect : accept)?.at ?? Number.NEGATIVE_INFINITY;
}

/** How many of them have each key. */
function countBy<T, K>(all: readonly T[], keyOf: (one: T) => K | undefined): Map<K, number> {
  const counts = new Map<K, number>();
  for (const one of all) {
    const key = keyOf(one);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

import { plainAddress } from "./addresses";
import { type Arrow, OUTSIDE } from "./arrows";
import { arrivesAt, type LadderCall, type Life } from "./lanes";
import { Direction } from "./streams";

/** A connection: who asked for it, in whose queue it waits or waited, and which new socket it belongs to now. */
class Connection {
  readonly toServer: Direction;
  readonly toClient: Direction;
  server: Life | undefined;

  constructor(
    readonly client: Life | undefined,
    readonly connect: LadderCall | undefined,
    readonly listener: Life | undefined,
    arrows: Arrow[],
  ) {
    this.toServer = new Direction(arrows);
    this.toClient = new Direction(arrows);
  }
}

/** Follows the stream sockets: which connect an accept took, and what went through each connection. */
export class Connections {
  private readonly all: Connection[] = [];
  private readonly ofLife = new Map<Life, Connection>();
  private readonly queues = new Map<Life, Connection[]>();
  private readonly listeners: Life[] = [];

  constructor(private readonly arrows: Arrow[]) {}

  listen(life: Life): void {
    if (!life.listening) this.listeners.push(life);
    life.listening = true;
  }

  connect(call: LadderCall, client: Life): void {
    const target = call.step.address ?? call.step.peer;
    const listener = this.listeners.findLast((life) => !goneBy(life, call) && arrivesAt(life, target, call));
    const connection = this.add(new Connection(client, call, listener, this.arrows));
    this.ofLife.set(client, connection);
    if (listener !== undefined) this.queueOf(listener).push(connection);
    else this.arrows.push({ cargo: "connect", from: call, fate: "outside", notes: OUTSIDE });
  }

  refused(call: LadderCall): void {
    this.arrows.push({ cargo: "connect", from: call, fate: "lost", notes: ["nobody listens there", "refused"] });
  }

  accept(call: LadderCall, listener: Life, opened: Life): void {
    const queue = this.queueOf(listener);
    const from = call.step.address;
    const index = queue.findIndex(
      ({ client }) => client?.local === undefined || from === undefined || same(client.local, from),
    );
    const [found] = index < 0 ? [] : queue.splice(index, 1);
    const connection = found ?? this.add(new Connection(undefined, undefined, listener, this.arrows));
    connection.server = opened;
    this.ofLife.set(opened, connection);
    this.arrows.push(
      connection.connect === undefined
        ? { cargo: "connect", to: call, lane: call.lane, fate: "outside" }
        : { cargo: "connect", from: connection.connect, to: call, lane: call.lane, fate: "taken" },
      { cargo: "new socket", from: call, lane: opened.lane, fate: "taken" },
    );
  }

  /** The direction into which the socket sends. */
  outOf(life: Life): Direction | undefined {
    const connection = this.ofLife.get(life);
    return connection?.client === life ? connection.toServer : connection?.toClient;
  }

  /** The direction from which the socket receives. */
  into(life: Life): Direction | undefined {
    const connection = this.ofLife.get(life);
    return connection?.client === life ? connection.toClient : connection?.toServer;
  }

  /** The listener is closed: the system breaks the connections that nobody has accepted. */
  closeListener(call: LadderCall, listener: Life): void {
    for (const { toClient } of this.queues.get(listener) ?? []) toClient.finish(call, true);
  }

  /** Draws what never came to an end: connections that wait to be accepted, bytes that wait to be received. */
  finish(): void {
    for (const [listener, queue] of this.queues) {
      for (const { connect } of queue) {
        if (connect === undefined) continue;
        const closed = listener.closedBy !== undefined;
        this.arrows.push({
          cargo: "connect",
          from: connect,
          lane: listener.lane,
          fate: closed ? "lost" : "queued",
          notes: closed
            ? ["never accepted"]
            : [
                "waits in the queue to be accepted",
                "waits to be accepted",
                "waits for accept",
                "not accepted",
                "queued",
              ],
        });
      }
    }
    for (const { client, server, listener, toServer, toClient } of this.all) {
      toServer.rest(server ?? listener);
      toClient.rest(client);
    }
  }

  private add(connection: Connection): Connection {
    this.all.push(connection);
    return connection;
  }

  private queueOf(listener: Life): Connection[] {
    const queue = this.queues.get(listener) ?? [];
    this.queues.set(listener, queue);
    return queue;
  }
}

function same(a: string, b: string): boolean {
  return plainAddress(a) === plainAddress(b);
}

function goneBy({ closedBy }: Life, call: LadderCall): boolean {
  return closedBy !== undefined && closedBy.at < call.at;
}

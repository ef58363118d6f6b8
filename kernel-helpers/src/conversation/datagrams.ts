import { destination, isName, isUnix } from "./addresses";
import type { ConversationCall, Link, Reason } from "./conversation";
import { addressAt } from "./conversation";
import { DatagramReach, matches, type SentDatagram } from "./datagram-reach";
import { succeeded } from "./evidence";
import { agree } from "./payload";
import { type BookedSocket, skew } from "./socket-book";

/** Before a wait gives up, what has arrived this late can still be in the queue. */
const LATE = 20;

/** A datagram that was sent, and what became of it. */
interface Message extends SentDatagram {
  /** The one socket that the system must have given it to; or none of the record; or nobody knows. */
  readonly receiver: BookedSocket | "outside" | undefined;
  /** With no receiver of the record: the socket that has the address and is connected to another one. */
  readonly closedTo: BookedSocket | undefined;
  /** Who has received it. */
  readonly takenBy: Set<BookedSocket>;
  /** It is told what became of it. */
  settled: boolean;
}

/** Follows the datagrams: one sendto is one recvfrom, or it is lost. */
export class Datagrams {
  /** Those of which it is not told yet what became of them. */
  private messages: Message[] = [];
  private settledOnes = 0;
  /** Whoever has sent anything. */
  private readonly senders = new Set<BookedSocket>();
  private readonly links: Link[] = [];
  /** How many of the losses at a socket are told already. */
  private readonly lostAt = new Map<BookedSocket, number>();
  private readonly boxes: readonly BookedSocket[];
  private readonly reach: DatagramReach;

  constructor(
    private readonly sockets: readonly BookedSocket[],
    private readonly calls: readonly ConversationCall[],
    private readonly dropped: (socket: BookedSocket) => number | undefined,
  ) {
    this.boxes = sockets.filter(({ kind }) => kind === "datagram");
    this.reach = new DatagramReach(this.boxes, calls);
  }

  /** Reads the calls in the order in which they took effect. */
  read(inTime: readonly ConversationCall[]): readonly Link[] {
    for (const call of inTime) {
      const socket = call.socket === undefined ? undefined : this.sockets[call.socket];
      if (socket?.kind === "datagram") this.call(call, socket);
    }
    this.finish();
    return this.links;
  }

  private call(call: ConversationCall, socket: BookedSocket): void {
    const { step } = call;
    if (step.error === "ECONNREFUSED") this.refuse(call, socket);
    if (step.means === "sends" && succeeded(step)) this.send(call, socket);
    if (step.means !== "receives") return;
    if (step.error === "EAGAIN" || step.ended === "timeout") this.empty(socket, call);
    else if (succeeded(step) && step.peek !== true) this.receive(call, socket);
  }

  private send(call: ConversationCall, sender: BookedSocket): void {
    const { step, at } = call;
    const peer = addressAt(sender.peers, at);
    const given = step.address ?? peer ?? step.peer;
    const target = given === undefined ? undefined : destination(given);
    const source = step.local ?? addressAt(sender.locals, at);
    const toMany = target !== undefined && this.reach.goesToMany(target, sender);
    // A Unix-domain socket that is connected is connected to a socket; another one to an address, whoever has it later.
    const since = step.address === undefined ? sender.peers.findLast((peer) => peer.at <= at)?.at : undefined;
    const asked = target !== undefined && isUnix(target) ? (since ?? at) : at;
    const sent: SentDatagram = { call, sender, source, target, bytes: step.result!, toMany };
    const receiver = target === undefined || toMany ? undefined : this.reach.receiverOf(sent, asked);
    const closedTo = receiver === "outside" ? this.reach.closedTo(sent, asked) : undefined;
    this.messages.push({ ...sent, receiver, closedTo, takenBy: new Set(), settled: false });
    this.senders.add(sender);
  }

  private receive(call: ConversationCall, receiver: BookedSocket): void {
    const fitting = this.firstFitting(call, receiver);
    const [first] = fitting;
    if (first === undefined) {
      const from = call.step.address ?? addressAt(receiver.peers, call.at);
      if (isName(from) && !this.reach.isOfTheRecord(from, receiver, call.at)) {
        const because = "no socket of the record had the sender's address";
        this.links.push({ ...this.received(call, receiver), fate: "outside", known: "inferred", because });
      }
      return;
    }
    if (fitting.some(({ sender }) => sender !== first.sender)) return;
    const alone = fitting.length === 1;
    if (!alone && this.losesSome(fitting, receiver)) return;
    const from = senderOf(first, call, receiver);
    const told = isName(from) && isName(first.source) && this.reach.isTold(first, from);
    first.takenBy.add(receiver);
    const kept = this.received(call, receiver).bytes;
    if (!first.toMany) this.settle(first);
    this.links.push({
      ...this.received(call, receiver),
      from: first.call.index,
      fate: "taken",
      known: alone && told ? "observed" : "inferred",
      because: !alone
        ? "the same was sent more than once, and a queue keeps its order"
        : told
          ? "the system told the sender's address, and it sent these bytes once"
          : "no other socket of the record can have sent it",
      ...(kept < first.bytes ? { reason: "cut" as const } : {}),
    });
    this.overtaken(first, receiver);
  }

  private received({ index, step }: ConversationCall, { id }: BookedSocket) {
    return {
      cargo: "datagram",
      to: index,
      socket: id,
      bytes: Math.min(step.result!, step.asked ?? step.result!),
    } as const;
  }

  /** Several equal ones were sent, and some were lost: nobody can tell which this is. */
  private losesSome(fitting: readonly Message[], receiver: BookedSocket): boolean {
    return (
      fitting.some(({ receiver: certain }) => certain !== receiver) ||
      this.dropped(receiver) !== 0 ||
      isFiltered(receiver) ||
      receiver.closedBy !== undefined
    );
  }

  /** The first that it can be; with it the next one, and one of another sender, if it can be those too. More of them say nothing more. */
  private firstFitting(call: ConversationCall, receiver: BookedSocket): Message[] {
    const found: Message[] = [];
    for (const message of this.messages) {
      if (found.length >= 2 && message.sender === found[0]!.sender) {
        if (this.senders.size === 1) break;
        continue;
      }
      if (!this.couldBe(message, call, receiver)) continue;
      found.push(message);
      if (message.sender !== found[0]!.sender) break;
    }
    return found;
  }

  /** What was received can be this message. */
  private couldBe(message: Message, call: ConversationCall, receiver: BookedSocket): boolean {
    const { sender, source, target, toMany, takenBy, settled } = message;
    if (settled || takenBy.has(receiver) || (!toMany && takenBy.size > 0)) return false;
    if (message.call.at > call.at + skew(receiver, sender)) return false;
    // The system gave it to another one.
    if (message.receiver !== undefined && message.receiver !== receiver && message.receiver !== "outside") return false;
    if (target !== undefined && !this.reach.arrives(message, receiver)) return false;
    if (!matches(source, senderOf(message, call, receiver))) return false;
    const { asked, data } = call.step;
    const kept = Math.min(call.step.result!, asked ?? call.step.result!);
    if (kept > message.bytes || (kept < message.bytes && kept !== asked)) return false;
    return agree(message.call.step.data, data);
  }

  /** A queue keeps its order: what was sent before a datagram that has arrived, and has not arrived itself, never will. */
  private overtaken(by: Message, receiver: BookedSocket): void {
    if (by.receiver !== receiver) return;
    // In the order in which they were sent: `messages` is replaced when they are settled, not changed.
    for (const message of this.messages) {
      if (message.call.at > by.call.at) break;
      if (message.settled || message.receiver !== receiver) continue;
      if (message.call.index >= by.call.index || message.sender.pid !== by.sender.pid) continue;
      this.lose(message, receiver, "overtaken", "a later one has been received, and a queue keeps its order");
    }
  }

  /** A receive has found nothing: what was sent before it was lost on the way. */
  private empty(receiver: BookedSocket, { at, step }: ConversationCall): void {
    const margin = step.ended === "timeout" ? LATE : 0;
    for (const message of this.pendingAt(receiver)) {
      const sent = message.call.step.end ?? message.call.at;
      if (sent + skew(receiver, message.sender) + margin > at) continue;
      this.lose(message, receiver, "overtaken", "a receive after it has found nothing");
    }
  }

  /** ECONNREFUSED on a datagram socket: an earlier datagram found nobody. On a Unix-domain socket it is the call's own. */
  private refuse(call: ConversationCall, sender: BookedSocket): void {
    const peer = addressAt(sender.peers, call.at);
    if (peer === undefined || isUnix(peer)) return;
    const target = destination(peer);
    const refused = this.messages.filter(
      (message) =>
        message.sender === sender && !message.settled && message.receiver === "outside" && message.target === target,
    );
    const last = refused.at(-1);
    if (last === undefined) return;
    for (const message of refused) this.settle(message);
    this.links.push({
      cargo: "datagram",
      fate: "lost",
      from: last.call.index,
      bytes: last.bytes,
      ...(last.closedTo === undefined
        ? { reason: "nobody has the port" as const }
        : { reason: "not its peer" as const, socket: last.closedTo.id }),
      known: refused.length === 1 ? "observed" : "inferred",
      because: "the next call on the socket failed with ECONNREFUSED",
    });
  }

  private finish(): void {
    for (const message of this.messages) {
      if (message.settled || message.receiver !== "outside" || message.takenBy.size > 0) continue;
      if (message.closedTo !== undefined) {
        this.links.push({
          cargo: "datagram",
          fate: "lost",
          from: message.call.index,
          socket: message.closedTo.id,
          bytes: message.bytes,
          reason: "not its peer",
          known: "inferred",
          because: "the only socket of the record with this address takes in what its peer sends, and nothing else",
        });
        continue;
      }
      this.links.push({
        cargo: "datagram",
        fate: "outside",
        from: message.call.index,
        bytes: message.bytes,
        known: "inferred",
        because: "no socket of the record has this address",
      });
    }
    for (const box of this.boxes) this.rest(box);
  }

  /** What was not received: it waits, or was dropped where the system counts that. */
  private rest(box: BookedSocket): void {
    const pending = this.pendingAt(box);
    if (box.closedBy !== undefined) {
      for (const message of pending)
        this.lose(message, box, "never received", "its socket is closed, and no receive has taken it");
      return;
    }
    const counted = this.dropped(box);
    if (counted === undefined) return;
    const dropped = Math.max(0, counted - (this.lostAt.get(box) ?? 0));
    const reason: Reason = isFiltered(box) ? "filter" : "queue full";
    if (dropped >= pending.length) {
      for (const message of pending) this.lose(message, box, reason, "the system counts as many drops at the socket");
    } else if (dropped === 0) {
      for (const message of pending) this.queued(message, box);
    } else if (this.isFullQueue(pending, box)) {
      for (const message of pending.slice(0, -dropped)) this.queued(message, box);
      for (const message of pending.slice(-dropped))
        this.lose(message, box, reason, "the system counts drops, and a full queue refuses what comes last");
    }
  }

  /** Nothing was taken out since the first of them came, and all are as long: what is refused by a full queue is the newest. */
  private isFullQueue(pending: readonly Message[], box: BookedSocket): boolean {
    const first = pending[0]!.call.at;
    const length = pending[0]!.bytes;
    const read = this.calls.some(
      ({ socket, step, at }) =>
        socket === box.id && step.means === "receives" && succeeded(step) && step.peek !== true && at > first,
    );
    return !read && !isFiltered(box) && pending.every(({ bytes }) => bytes <= length * 4 && bytes >= length);
  }

  private settle(message: Message): void {
    message.settled = true;
    this.settledOnes += 1;
    // What is told is not looked at again and again.
    if (this.settledOnes < 100) return;
    this.settledOnes = 0;
    this.messages = this.messages.filter(({ settled }) => !settled);
  }

  private pendingAt(receiver: BookedSocket): Message[] {
    return this.messages.filter((message) => message.receiver === receiver && !message.settled);
  }

  private queued(message: Message, { id }: BookedSocket): void {
    this.settle(message);
    this.links.push({
      cargo: "datagram",
      fate: "queued",
      from: message.call.index,
      socket: id,
      bytes: message.bytes,
      known: "inferred",
      because: "it is the only socket of the record with this address, and has not received it",
    });
  }

  private lose(message: Message, receiver: BookedSocket, reason: Reason, because: string): void {
    this.settle(message);
    this.lostAt.set(receiver, (this.lostAt.get(receiver) ?? 0) + 1);
    this.links.push({
      cargo: "datagram",
      fate: "lost",
      from: message.call.index,
      socket: receiver.id,
      bytes: message.bytes,
      reason,
      known: "inferred",
      because,
    });
  }
}

function isFiltered({ options }: BookedSocket): boolean {
  return "SO_ATTACH_FILTER" in options;
}

/**
 * Who has sent what was received: as the system told it, or as it follows from the peer that the receiver was connected to. What came before
 * that connect stays in the queue, whoever sent it.
 */
function senderOf(message: Message, { step, at }: ConversationCall, receiver: BookedSocket): string | undefined {
  if (step.address !== undefined) return step.address;
  const since = receiver.peers.findLast((peer) => peer.at <= at);
  return since === undefined || message.call.at <= since.at + skew(receiver, message.sender)
    ? undefined
    : since.address;
}

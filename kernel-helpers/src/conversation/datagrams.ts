import { destination, isName, isUnix } from "./addresses";
import type { ConversationCall, Link } from "./conversation";
import { addressAt } from "./conversation";
import { DatagramReach } from "./datagram-reach";
import { DatagramsUnderway, type DatagramUnderway, senderOf } from "./datagrams-underway";
import { succeeded } from "./evidence";
import { Guesses } from "./guesses";
import { isOn } from "./names";
import { agree } from "./payload";
import type { QueuesAtEnd } from "./queues-at-end";
import { type BookedSocket, skew } from "./socket-book";
import { isFiltered, unreceived } from "./unreceived";

/** Before a wait gives up, what has arrived this late can still be in the queue. */
const LATE = 20;

/** Follows the datagrams: one sendto is one recvfrom, or it is lost. */
export class Datagrams {
  private readonly underway: DatagramsUnderway;
  private readonly links: Link[] = [];
  /** Received without a word of who sent it: the system did not tell, and it fits what somebody of the record has sent. */
  private readonly guessed = new Guesses();
  private readonly doubted = new Set<Link>();
  /** How many of the losses at a socket are told already. */
  private readonly lostAt = new Map<BookedSocket, number>();
  private readonly boxes: readonly BookedSocket[];
  private readonly reach: DatagramReach;
  /** Where something was guessed, and what came to each socket and was taken out. */
  private readonly guessedAt = new Set<BookedSocket>();
  private readonly accounts = new Map<BookedSocket, { sent: number; taken: number }>();

  constructor(
    private readonly sockets: readonly BookedSocket[],
    private readonly calls: readonly ConversationCall[],
    private readonly queues: QueuesAtEnd,
    /** What they received without a word of who sent it can be a stranger's. */
    private readonly doubtful: ReadonlySet<BookedSocket> = new Set(),
  ) {
    this.boxes = sockets.filter(({ kind, duplicateOf }) => kind === "datagram" && duplicateOf === undefined);
    this.reach = new DatagramReach(this.boxes, calls);
    this.underway = new DatagramsUnderway(this.reach);
  }

  /** Reads the calls in the order in which they took effect. */
  read(inTime: readonly ConversationCall[]): readonly Link[] {
    for (const call of inTime) {
      const socket = call.socket === undefined ? undefined : this.sockets[call.socket];
      // A second descriptor is the same socket.
      if (socket?.kind === "datagram") this.call(call, this.sockets[socket.duplicateOf ?? socket.id]!);
    }
    const doubtful = [...this.guessedAt].filter((box) => !this.isAccountedFor(box));
    if (doubtful.length > 0) {
      const doubted = new Set([...this.doubtful, ...doubtful]);
      return new Datagrams(this.sockets, this.calls, this.queues, doubted).read(inTime);
    }
    this.finish();
    return this.links.filter((link) => !this.doubted.has(link));
  }

  private call(call: ConversationCall, socket: BookedSocket): void {
    const { step } = call;
    if (step.error === "ECONNREFUSED") this.refused(call, socket);
    if (step.means === "hears of a refusal" && succeeded(step)) this.hears(call, socket);
    if (step.means === "sends" && succeeded(step)) this.send(call, socket);
    if (step.means !== "receives") return;
    if (step.error === "EAGAIN" || step.ended === "timeout") this.empty(socket, call);
    else if (succeeded(step) && step.peek !== true) this.receive(call, socket);
  }

  private send(call: ConversationCall, sender: BookedSocket): void {
    const { step, at } = call;
    const peer = addressAt(sender.peers, at);
    const given = step.address ?? peer ?? step.peer;
    const source = step.local ?? addressAt(sender.locals, at);
    const target = given === undefined ? undefined : destination(given, source);
    // A Unix-domain socket that is connected is connected to a socket; another one to an address, whoever has it later.
    const since = step.address === undefined ? sender.peers.findLast((peer) => peer.at <= at)?.at : undefined;
    const asked = target !== undefined && isUnix(target) ? (since ?? at) : at;
    const { toMany, receiver, closedTo } = this.reach.routeTo(target, { sender, source, sent: at, at: asked });
    // Each field by its name: to spread a message into another takes several times as long, and a picture has thousands of them.
    const bytes = step.result!;
    const [takenBy, settled]: [BookedSocket[], boolean] = [[], false];
    this.underway.add({ call, sender, source, target, bytes, toMany, receiver, closedTo, takenBy, settled });
    if (receiver !== undefined && receiver !== "outside") this.accountOf(receiver).sent += 1;
  }

  private accountOf(box: BookedSocket): { sent: number; taken: number } {
    const account = this.accounts.get(box) ?? { sent: 0, taken: 0 };
    this.accounts.set(box, account);
    return account;
  }

  /**
   * Whether nothing of a stranger can be among what a socket received. Where the system has dropped something, a stranger's datagram with the
   * same bytes can have come in the place of the one that was sent here; unless all is accounted for: as many were sent as were received and
   * dropped, and none waits.
   */
  private isAccountedFor(box: BookedSocket): boolean {
    const dropped = this.queues.dropped(box);
    if (dropped === 0 && !(isFiltered(box) && box.closedBy !== undefined)) return true;
    const { sent, taken } = this.accountOf(box);
    return dropped !== undefined && this.queues.length(box) === 0 && sent === taken + dropped;
  }

  private receive(call: ConversationCall, receiver: BookedSocket): void {
    this.accountOf(receiver).taken += 1;
    const fitting = this.underway.fitting(call, receiver);
    const [first] = fitting;
    if (first === undefined) {
      this.fromOutside(call, receiver);
      return;
    }
    if (fitting.some(({ sender }) => sender !== first.sender)) return;
    const alone = fitting.length === 1;
    if (!alone && this.losesSome(fitting, receiver)) return;
    const from = senderOf(first, call, receiver);
    const told = isName(from) && isName(first.source) && this.reach.isTold(first, from);
    if (!told && this.doubtful.has(receiver)) return;
    first.takenBy.push(receiver);
    if (!first.toMany) this.underway.settle(first);
    const received = this.received(call, receiver);
    const link: Link = {
      ...received,
      from: first.call.index,
      fate: "taken",
      known: alone && told ? "observed" : "inferred",
      because: !alone
        ? "the same was sent more than once, and a queue keeps its order"
        : told
          ? "the system told the sender's address, and it sent these bytes once"
          : "no other socket of the record can have sent it",
      ...(received.bytes < first.bytes ? { reason: "cut" as const } : {}),
    };
    this.links.push(link);
    if (!told) {
      this.guessed.add(link, call, receiver);
      this.guessedAt.add(receiver);
    }
    this.overtaken(first, receiver);
  }

  private fromOutside(call: ConversationCall, receiver: BookedSocket): void {
    const from = call.step.address ?? addressAt(receiver.peers, call.at);
    if (isName(from)) {
      if (this.reach.isOfTheRecord(from, receiver, call.at)) return;
      const because = "no socket of the record had the sender's address";
      this.accountOf(receiver).taken -= 1;
      this.links.push({ ...this.received(call, receiver), fate: "outside", known: "inferred", because });
      return;
    }
    // Somebody else has sent this; so nobody knows of the same bytes that were received before whose they were.
    for (const link of this.guessed.take(call, receiver)) this.doubted.add(link);
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
  private losesSome(fitting: readonly DatagramUnderway[], receiver: BookedSocket): boolean {
    return (
      fitting.some(({ receiver: certain }) => certain !== receiver) ||
      this.queues.dropped(receiver) !== 0 ||
      isFiltered(receiver) ||
      receiver.closedBy !== undefined
    );
  }

  /** A queue keeps its order: what was sent before a datagram that has arrived, and has not arrived itself, never will. */
  private overtaken(by: DatagramUnderway, receiver: BookedSocket): void {
    if (by.receiver !== receiver) return;
    for (const message of this.underway.sentTo(receiver)) {
      if (message.call.at > by.call.at) break;
      if (message.settled) continue;
      if (message.call.index >= by.call.index || message.sender.pid !== by.sender.pid) continue;
      this.lose(message, receiver, "a later one has been received, and a queue keeps its order");
    }
  }

  /** A receive has found nothing: what was sent before it was lost on the way. */
  private empty(receiver: BookedSocket, { at, step }: ConversationCall): void {
    const margin = step.ended === "timeout" ? LATE : 0;
    for (const message of this.underway.at(receiver)) {
      const sent = message.call.step.end ?? message.call.at;
      if (sent + skew(receiver, message.sender) + margin > at) continue;
      this.lose(message, receiver, "a receive after it has found nothing");
    }
  }

  /** ECONNREFUSED on a datagram socket: an earlier datagram found nobody. On a Unix-domain socket it is the call's own. */
  private refused(call: ConversationCall, sender: BookedSocket): void {
    const peer = addressAt(sender.peers, call.at);
    if (peer === undefined || isUnix(peer)) return;
    const found = this.unanswered(sender, destination(peer, addressAt(sender.locals, call.at)));
    for (const message of found) this.underway.settle(message);
    this.foundNobody(found.at(-1), found.length === 1, "the next call on the socket failed with ECONNREFUSED");
  }

  /** The error queue tells of one datagram: where it was sent to, and its bytes. */
  private hears({ step }: ConversationCall, sender: BookedSocket): void {
    if (step.address === undefined) return;
    const found = this.unanswered(sender, destination(step.address)).filter(({ call }) =>
      agree(call.step.data, step.data),
    );
    const [first] = found;
    if (first !== undefined) this.underway.settle(first);
    this.foundNobody(first, found.length === 1, "the socket's error queue has told it (IP_RECVERR)");
  }

  /** What a socket has sent to an address that no socket of the record has. */
  private unanswered(sender: BookedSocket, target: string): DatagramUnderway[] {
    return this.underway
      .all()
      .filter(
        (message) =>
          message.sender === sender && !message.settled && message.receiver === "outside" && message.target === target,
      );
  }

  private foundNobody(message: DatagramUnderway | undefined, certain: boolean, because: string): void {
    if (message === undefined) return;
    const { closedTo } = message;
    this.links.push({
      ...sentOf(message),
      fate: "lost",
      ...(closedTo === undefined
        ? { reason: "nobody has the port" as const }
        : { reason: "not its peer" as const, socket: closedTo.id }),
      known: certain ? "observed" : "inferred",
      because,
    });
  }

  /** What was not received. */
  private finish(): void {
    for (const message of this.underway.all()) {
      if (message.settled || message.receiver !== "outside" || message.takenBy.length > 0) continue;
      const { closedTo } = message;
      this.links.push(
        closedTo === undefined
          ? {
              ...sentOf(message),
              fate: "outside",
              known: "inferred",
              because: "no socket of the record has this address",
            }
          : {
              ...sentOf(message),
              fate: "lost",
              socket: closedTo.id,
              reason: "not its peer",
              known: "inferred",
              because: "the only socket of the record with this address takes in what its peer sends, and nothing else",
            },
      );
    }
    for (const box of this.boxes) {
      const evidence = { queues: this.queues, lost: this.lostAt.get(box) ?? 0, calls: this.calls };
      for (const { message, ...end } of unreceived(this.underway.at(box), box, evidence)) {
        this.underway.settle(message);
        this.links.push({ ...sentOf(message), socket: box.id, known: "inferred", ...end });
      }
    }
  }

  private lose(message: DatagramUnderway, receiver: BookedSocket, because: string): void {
    this.underway.settle(message);
    // Another program's socket can have received it: it has the address too, or could have it, and be gone by now.
    if (this.queues.isShared(receiver) || canShare(receiver)) return;
    this.lostAt.set(receiver, (this.lostAt.get(receiver) ?? 0) + 1);
    this.links.push({
      cargo: "datagram",
      from: message.call.index,
      bytes: message.bytes,
      fate: "lost",
      socket: receiver.id,
      reason: "overtaken",
      known: "inferred",
      because,
    });
  }
}

/** Several sockets can have its address (socket(7)). */
function canShare({ options }: BookedSocket): boolean {
  return isOn(options.SO_REUSEADDR) || isOn(options.SO_REUSEPORT);
}

function sentOf({ call, bytes }: DatagramUnderway) {
  return { cargo: "datagram", from: call.index, bytes } as const;
}

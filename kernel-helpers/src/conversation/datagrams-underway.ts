import type { ConversationCall } from "./conversation";
import { type DatagramReach, matches, type SentDatagram } from "./datagram-reach";
import { agree, beginning } from "./payload";
import { type BookedSocket, skew } from "./socket-book";

/** A datagram that was sent, and what became of it. */
export interface DatagramUnderway extends SentDatagram {
  /** The one socket that the system must have given it to; or none of the record; or nobody knows. */
  readonly receiver: BookedSocket | "outside" | undefined;
  /** With no receiver of the record: the socket that has the address and is connected to another one. */
  readonly closedTo: BookedSocket | undefined;
  /** Who has received it: several only where it went to many. */
  readonly takenBy: BookedSocket[];
  /** It is told what became of it. */
  settled: boolean;
}

/** Datagrams in the order in which they were sent, and who has sent any of them. */
class Sent {
  messages: DatagramUnderway[] = [];
  readonly senders = new Set<BookedSocket>();
  /** By their beginnings, as soon as somebody asks for one. */
  private alike: Map<string | undefined, DatagramUnderway[]> | undefined;
  private settledOnes = 0;

  add(message: DatagramUnderway): void {
    this.messages.push(message);
    this.senders.add(message.sender);
    if (this.alike !== undefined) addTo(this.alike, message);
  }

  /** The lists in which those are that can begin so: those that do, and those of which nobody knows it. Undefined is any beginning. */
  beginningWith(begins: string | undefined): (readonly DatagramUnderway[])[] {
    if (begins === undefined) return [this.messages];
    if (this.alike === undefined) {
      this.alike = new Map();
      for (const message of this.messages) addTo(this.alike, message);
    }
    return [this.alike.get(begins) ?? [], this.alike.get(undefined) ?? []];
  }

  /** What is told is not looked at again and again, nor is all the rest each time that something is told. */
  oneIsSettled(): void {
    this.settledOnes += 1;
    if (this.settledOnes < Math.max(MANY, this.messages.length / PART)) return;
    this.settledOnes = 0;
    this.messages = this.messages.filter(isOpen);
    // How they begin is not asked again: that takes ten times as long as to look through them.
    for (const [begins, alike] of this.alike ?? [])
      if (!alike.every(isOpen)) this.alike!.set(begins, alike.filter(isOpen));
  }
}

/** So many that are settled, and so great a part of all, are looked through once more. */
const MANY = 100;
const PART = 8;

const isOpen = ({ settled }: DatagramUnderway): boolean => !settled;

function addTo(alike: Map<string | undefined, DatagramUnderway[]>, message: DatagramUnderway): void {
  const begins = beginning(message.call.step.data, message.bytes);
  const others = alike.get(begins);
  if (others === undefined) alike.set(begins, [message]);
  else others.push(message);
}

/**
 * The datagrams of which it is not told yet what became of them.
 *
 * Those that only one socket can have been given are kept for each socket: after two thousand that nobody has received, each receive on
 * another socket looked at all of them again, and a picture of 4,000 calls took a second of work. What has been received is looked for among
 * those that begin as it does: of two thousand numbered ones at one socket each receive looked at all, which was half a second of work.
 */
export class DatagramsUnderway {
  private readonly every = new Sent();
  private readonly certain = new Map<BookedSocket, Sent>();
  /** Nobody knows who was given them, or nobody of the record. */
  private readonly uncertain = new Sent();

  constructor(private readonly reach: DatagramReach) {}

  add(message: DatagramUnderway): void {
    this.every.add(message);
    this.placeOf(message).add(message);
  }

  private placeOf({ receiver }: DatagramUnderway): Sent {
    if (receiver === undefined || receiver === "outside") return this.uncertain;
    const place = this.certain.get(receiver) ?? new Sent();
    this.certain.set(receiver, place);
    return place;
  }

  /** As they are now: what is settled meanwhile stays in this list. */
  all(): readonly DatagramUnderway[] {
    return this.every.messages;
  }

  settle(message: DatagramUnderway): void {
    message.settled = true;
    this.every.oneIsSettled();
    this.placeOf(message).oneIsSettled();
  }

  /** Those that only this socket can have been given, in the order in which they were sent; the settled ones can be among them. */
  sentTo(receiver: BookedSocket): readonly DatagramUnderway[] {
    return this.certain.get(receiver)?.messages ?? [];
  }

  /** Those of them of which it is not told what became of them. */
  at(receiver: BookedSocket): DatagramUnderway[] {
    return this.sentTo(receiver).filter(isOpen);
  }

  /** The first that it can be; with it the next one, and one of another sender, if it can be those too. More of them say nothing more. */
  fitting(call: ConversationCall, receiver: BookedSocket): DatagramUnderway[] {
    const own = this.certain.get(receiver);
    const isOfOne = new Set([...(own?.senders ?? []), ...this.uncertain.senders]).size === 1;
    const begins = beginningOf(call.step);
    const found: DatagramUnderway[] = [];
    for (const message of inOrder([...(own?.beginningWith(begins) ?? []), ...this.uncertain.beginningWith(begins)])) {
      if (found.length >= 2 && message.sender === found[0]!.sender) {
        if (isOfOne) break;
        continue;
      }
      if (!this.couldBe(message, call, receiver)) continue;
      found.push(message);
      if (message.sender !== found[0]!.sender) break;
    }
    return found;
  }

  /** What was received can be this message. */
  private couldBe(message: DatagramUnderway, call: ConversationCall, receiver: BookedSocket): boolean {
    // Numbers and bytes first: nearly all are told apart by them, and in a tenth of the time that addresses take.
    if (message.settled || !hasBytesOf(message, call.step)) return false;
    const { sender, source, target, toMany, takenBy } = message;
    if (takenBy.includes(receiver) || (!toMany && takenBy.length > 0)) return false;
    if (message.call.at > call.at + skew(receiver, sender)) return false;
    if (target !== undefined && !this.reach.arrives(message, receiver)) return false;
    return matches(source, senderOf(message, call, receiver));
  }
}

/** How the datagram begins that was received; undefined if the record does not tell. One that was cut can have been any longer one. */
function beginningOf({ asked, result, data }: ConversationCall["step"]): string | undefined {
  const kept = Math.min(result!, asked ?? result!);
  return beginning(data, kept, kept === asked);
}

/** As many bytes, or as many of them as were asked for, and the same ones as far as the record shows them. */
function hasBytesOf({ bytes, call }: DatagramUnderway, { asked, result, data }: ConversationCall["step"]): boolean {
  const kept = Math.min(result!, asked ?? result!);
  return (kept === bytes || (kept < bytes && kept === asked)) && agree(call.step.data, data);
}

/** The lists as one, in the order in which the calls took effect, as they were added. */
function inOrder(lists: readonly (readonly DatagramUnderway[])[]): Iterable<DatagramUnderway> {
  const filled = lists.filter(({ length }) => length > 0);
  return filled.length > 1 ? merged(filled) : (filled[0] ?? []);
}

function* merged(lists: readonly (readonly DatagramUnderway[])[]): Generator<DatagramUnderway> {
  const next = lists.map(() => 0);
  for (;;) {
    let first = -1;
    for (let list = 0; list < lists.length; list++) {
      const message = lists[list]![next[list]!];
      if (message === undefined) continue;
      if (first < 0 || isBefore(message, lists[first]![next[first]!]!)) first = list;
    }
    if (first < 0) return;
    yield lists[first]![next[first]!]!;
    next[first]! += 1;
  }
}

function isBefore({ call: one }: DatagramUnderway, { call: other }: DatagramUnderway): boolean {
  return one.at < other.at || (one.at === other.at && one.index < other.index);
}

/**
 * Who has sent what was received: as the system told it, or as it follows from the peer that the receiver was connected to. What came before
 * that connect stays in the queue, whoever sent it.
 */
export function senderOf(
  message: DatagramUnderway,
  { step, at }: ConversationCall,
  receiver: BookedSocket,
): string | undefined {
  if (step.address !== undefined) return step.address;
  const since = receiver.peers.findLast((peer) => peer.at <= at);
  return since === undefined || message.call.at <= since.at + skew(receiver, message.sender)
    ? undefined
    : since.address;
}

import type { ConversationCall } from "./conversation";
import { type DatagramReach, matches, type SentDatagram } from "./datagram-reach";
import { agree } from "./payload";
import { type BookedSocket, skew } from "./socket-book";

/** A datagram that was sent, and what became of it. */
export interface DatagramUnderway extends SentDatagram {
  /** The one socket that the system must have given it to; or none of the record; or nobody knows. */
  readonly receiver: BookedSocket | "outside" | undefined;
  /** With no receiver of the record: the socket that has the address and is connected to another one. */
  readonly closedTo: BookedSocket | undefined;
  /** Who has received it. */
  readonly takenBy: Set<BookedSocket>;
  /** It is told what became of it. */
  settled: boolean;
}

/** Datagrams in the order in which they were sent, and who has sent any of them. */
class Sent {
  messages: DatagramUnderway[] = [];
  readonly senders = new Set<BookedSocket>();
  private settledOnes = 0;

  add(message: DatagramUnderway): void {
    this.messages.push(message);
    this.senders.add(message.sender);
  }

  /** What is told is not looked at again and again. */
  oneIsSettled(): void {
    this.settledOnes += 1;
    if (this.settledOnes < 100) return;
    this.settledOnes = 0;
    this.messages = this.messages.filter(({ settled }) => !settled);
  }
}

/**
 * The datagrams of which it is not told yet what became of them.
 *
 * Those that only one socket can have been given are kept for each socket: after two thousand that nobody has received, each receive on
 * another socket looked at all of them again, and a picture of 4,000 calls took a second of work.
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
    return this.sentTo(receiver).filter(({ settled }) => !settled);
  }

  /** The first that it can be; with it the next one, and one of another sender, if it can be those too. More of them say nothing more. */
  fitting(call: ConversationCall, receiver: BookedSocket): DatagramUnderway[] {
    const own = this.certain.get(receiver);
    const isOfOne = new Set([...(own?.senders ?? []), ...this.uncertain.senders]).size === 1;
    const found: DatagramUnderway[] = [];
    for (const message of inOrder(own?.messages ?? [], this.uncertain.messages)) {
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
    if (takenBy.has(receiver) || (!toMany && takenBy.size > 0)) return false;
    if (message.call.at > call.at + skew(receiver, sender)) return false;
    if (target !== undefined && !this.reach.arrives(message, receiver)) return false;
    return matches(source, senderOf(message, call, receiver));
  }
}

/** As many bytes, or as many of them as were asked for, and the same ones as far as the record shows them. */
function hasBytesOf({ bytes, call }: DatagramUnderway, { asked, result, data }: ConversationCall["step"]): boolean {
  const kept = Math.min(result!, asked ?? result!);
  return (kept === bytes || (kept < bytes && kept === asked)) && agree(call.step.data, data);
}

/** Both lists as one, in the order in which the calls took effect, as they were added. */
function inOrder(a: readonly DatagramUnderway[], b: readonly DatagramUnderway[]): Iterable<DatagramUnderway> {
  return b.length === 0 ? a : a.length === 0 ? b : merged(a, b);
}

function* merged(a: readonly DatagramUnderway[], b: readonly DatagramUnderway[]): Generator<DatagramUnderway> {
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) yield isBefore(b[j]!, a[i]!) ? b[j++]! : a[i++]!;
  yield* a.slice(i);
  yield* b.slice(j);
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

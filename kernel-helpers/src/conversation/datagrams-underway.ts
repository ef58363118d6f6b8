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

/** The datagrams of which it is not told yet what became of them, in the order in which they were sent. */
export class DatagramsUnderway {
  private messages: DatagramUnderway[] = [];
  private settledOnes = 0;
  /** Whoever has sent anything. */
  private readonly senders = new Set<BookedSocket>();

  constructor(private readonly reach: DatagramReach) {}

  add(message: DatagramUnderway): void {
    this.messages.push(message);
    this.senders.add(message.sender);
  }

  /** As they are now: what is settled meanwhile stays in this list. */
  all(): readonly DatagramUnderway[] {
    return this.messages;
  }

  settle(message: DatagramUnderway): void {
    message.settled = true;
    this.settledOnes += 1;
    // What is told is not looked at again and again.
    if (this.settledOnes < 100) return;
    this.settledOnes = 0;
    this.messages = this.messages.filter(({ settled }) => !settled);
  }

  /** Those that only this socket can have been given. */
  at(receiver: BookedSocket): DatagramUnderway[] {
    return this.messages.filter((message) => message.receiver === receiver && !message.settled);
  }

  /** The first that it can be; with it the next one, and one of another sender, if it can be those too. More of them say nothing more. */
  fitting(call: ConversationCall, receiver: BookedSocket): DatagramUnderway[] {
    const found: DatagramUnderway[] = [];
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
  private couldBe(message: DatagramUnderway, call: ConversationCall, receiver: BookedSocket): boolean {
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

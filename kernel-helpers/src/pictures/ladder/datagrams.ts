import { reaches } from "./addresses";
import { type Arrow, OUTSIDE } from "./arrows";
import { arrivesAt, type LadderCall, type Life } from "./lanes";
import { agree } from "./payload";

const FULL = ["dropped: the queue was full", "dropped: queue full", "dropped"];
const FILTERED = ["dropped by the socket's filter", "dropped: filter", "dropped"];

interface Message {
  readonly call: LadderCall;
  readonly sender: Life;
  readonly bytes: number;
}

/** Follows the datagrams: one sendto is one recvfrom, or it is lost. */
export class Datagrams {
  private readonly sockets: Life[] = [];
  private readonly inboxes = new Map<Life, Message[]>();
  private readonly nobody: Message[] = [];
  /** Sockets with a program that throws away what arrives. */
  private readonly filtered = new Set<Life>();

  constructor(private readonly arrows: Arrow[]) {}

  send(call: LadderCall, sender: Life, bytes: number): void {
    this.know(sender);
    const target = call.step.call === "sendto" ? call.step.address : (call.step.peer ?? sender.peer);
    const message = { call, sender, bytes };
    const receiver = this.sockets.findLast((life) => isOpenAt(life, call) && arrivesAt(life, target, call));
    if (receiver === undefined) this.nobody.push(message);
    else this.inboxOf(receiver).push(message);
  }

  receive(call: LadderCall, receiver: Life, bytes: number): void {
    this.know(receiver);
    const inbox = this.inboxOf(receiver);
    const from = call.step.address ?? receiver.peer;
    const index = inbox.findIndex((message) => isFrom(message, from) && couldBe(message, call, bytes));
    if (index < 0) {
      this.arrows.push({ cargo: "datagram", to: call, lane: call.lane, bytes, fate: "outside" });
      return;
    }
    const message = inbox[index]!;
    // A queue keeps its order: what was sent before a datagram that has arrived, and has not arrived itself, never will.
    for (const missed of inbox.splice(0, index + 1).slice(0, -1)) this.lose(missed, receiver, ["lost"]);
    const kept = Math.min(bytes, call.step.asked ?? bytes);
    this.arrows.push({
      cargo: "datagram",
      from: message.call,
      to: call,
      lane: call.lane,
      bytes: kept,
      fate: "taken",
      cut: kept < message.bytes,
      ...(kept < message.bytes
        ? { notes: [`cut: ${kept} of ${message.bytes} bytes arrive`, `cut to ${kept} bytes`] }
        : {}),
    });
  }

  /** A receive has found nothing: what was sent before it was lost on the way. */
  empty(receiver: Life): void {
    for (const missed of this.inboxOf(receiver).splice(0)) this.lose(missed, receiver, ["lost"]);
  }

  /** ECONNREFUSED on a datagram socket: an earlier datagram found nobody. */
  refuse(sender: Life): void {
    const index = this.nobody.findIndex((message) => message.sender === sender);
    if (index < 0) return;
    const [message] = this.nobody.splice(index, 1);
    this.arrows.push({
      cargo: "datagram",
      from: message!.call,
      bytes: message!.bytes,
      fate: "lost",
      notes: ["nobody has this port"],
    });
  }

  /** SO_ATTACH_FILTER: from now on the socket can lose datagrams without being full. */
  filter(life: Life): void {
    this.filtered.add(life);
  }

  know(life: Life): void {
    if (!this.inboxes.has(life)) {
      this.sockets.push(life);
      this.inboxes.set(life, []);
    }
  }

  /** `dropped` tells how many the system has dropped at the socket. Where its queue was full it is the newest, for the oldest stay. */
  finish(dropped: (life: Life) => number): void {
    for (const { call, bytes } of this.nobody)
      this.arrows.push({ cargo: "datagram", from: call, bytes, fate: "outside", notes: OUTSIDE });
    for (const [life, inbox] of this.inboxes) {
      const kept = Math.max(0, inbox.length - dropped(life));
      for (const message of inbox.slice(kept)) this.lose(message, life, this.filtered.has(life) ? FILTERED : FULL);
      for (const message of inbox.slice(0, kept)) {
        if (life.closedBy !== undefined) this.lose(message, life, ["never received: closed", "never received"]);
        else
          this.arrows.push({
            cargo: "datagram",
            from: message.call,
            lane: life.lane,
            bytes: message.bytes,
            fate: "queued",
            notes: ["waits in the queue", "in the queue"],
          });
      }
    }
  }

  private lose({ call, bytes }: Message, { lane }: Life, notes: readonly string[]): void {
    this.arrows.push({ cargo: "datagram", from: call, lane, bytes, fate: "lost", notes });
  }

  private inboxOf(life: Life): Message[] {
    this.know(life);
    return this.inboxes.get(life)!;
  }
}

function isOpenAt({ closedBy }: Life, call: LadderCall): boolean {
  return closedBy === undefined || closedBy.at > call.at;
}

function isFrom({ sender }: Message, address: string | undefined): boolean {
  return address === undefined || sender.local === undefined || reaches(address, sender.local);
}

/** What was received can be this message: as long as it or cut off, and with the same beginning. */
function couldBe({ call, bytes }: Message, receive: LadderCall, received: number): boolean {
  const kept = Math.min(received, receive.step.asked ?? received);
  if (kept > bytes || (kept < bytes && kept !== receive.step.asked)) return false;
  return agree(call.step.data, receive.step.data);
}

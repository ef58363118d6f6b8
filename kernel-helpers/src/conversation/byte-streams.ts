import type { Certainty, ConversationCall, Link } from "./conversation";
import { previewBytes } from "./payload";
import type { BookedSocket } from "./socket-book";

/** How one end has ended its direction. */
interface Ending {
  readonly call: ConversationCall;
  /** Why the connection is broken, if it is. */
  readonly breaks: string | undefined;
}

interface Part {
  readonly call: ConversationCall;
  /** How many of its bytes are gone, and how many are left. */
  taken: number;
  left: number;
}

/**
 * One direction of a connection: bytes go in at one end in the order of the sends, and come out at the other in the order of the
 * receives. Counting them tells which send a receive got its bytes from; where one ends and the next begins is not kept by TCP.
 */
export class ByteStream {
  private readonly links: Link[] = [];
  private readonly sent: Part[] = [];
  private first = 0;
  /** Receives whose bytes have no send yet: clocks of two processes can differ by a little. */
  private readonly owed: Part[] = [];
  private ending: Ending | undefined;
  private learnt = false;
  /** What was received is not what was sent: the ends do not belong together, or something is missing in the record. */
  private contradicted = false;

  constructor(
    private readonly known: Certainty,
    private readonly because: string,
  ) {}

  /** The bytes that were received are others than those that were sent. */
  get isContradicted(): boolean {
    return this.contradicted;
  }

  /** From here on nobody can say which bytes are which. */
  giveUp(): void {
    this.contradicted = true;
  }

  /** Bytes that nobody has received. */
  get unread(): number {
    return this.sent.slice(this.first).reduce((sum, part) => sum + part.left, 0);
  }

  send(call: ConversationCall, bytes: number): void {
    const part: Part = { call, taken: 0, left: bytes };
    while (part.left > 0 && this.owed.length > 0) {
      const debt = this.owed[0]!;
      this.deliver(part, debt);
      if (debt.left === 0) this.owed.shift();
    }
    if (part.left > 0) this.sent.push(part);
  }

  receive(call: ConversationCall, bytes: number): void {
    const debt: Part = { call, taken: 0, left: bytes };
    while (debt.left > 0 && this.first < this.sent.length) {
      const part = this.sent[this.first]!;
      this.deliver(part, debt);
      if (part.left === 0) this.first += 1;
    }
    if (debt.left > 0) this.owed.push(debt);
  }

  private deliver(part: Part, debt: Part): void {
    const bytes = Math.min(part.left, debt.left);
    if (!agreeFrom(part, debt, bytes)) this.contradicted = true;
    for (const one of [part, debt]) {
      one.left -= bytes;
      one.taken += bytes;
    }
    this.link({
      cargo: "bytes",
      fate: "taken",
      from: part.call.index,
      to: debt.call.index,
      socket: debt.call.socket,
      bytes,
    });
  }

  private link(link: Omit<Link, "known" | "because">, known = this.known, because = this.because): void {
    this.links.push({ ...link, known, because });
  }

  /** The sending end says that it is done, or that the connection is broken, and why. */
  finish(call: ConversationCall, breaks?: string): void {
    this.ending ??= { call, breaks };
  }

  /** The receiving end learns of it: recv() returned 0, or a call failed with ECONNRESET. */
  learn(call: ConversationCall, reset: boolean): void {
    if (this.ending === undefined || this.learnt) return;
    this.learnt = true;
    this.link({
      cargo: reset ? "RST" : "FIN",
      fate: "taken",
      from: this.ending.call.index,
      to: call.index,
      socket: call.socket,
    });
  }

  /**
   * What is left at the end of the record, and all links.
   *
   * @param receiver the socket at the other end, or the listener while nobody has accepted
   * @param outside the other end is none of the record
   */
  rest(receiver: BookedSocket | undefined, outside: boolean): Link[] {
    if (this.contradicted) return [];
    if (outside)
      for (const { call, left } of this.owed)
        this.link({ cargo: "bytes", fate: "outside", to: call.index, socket: call.socket, bytes: left });
    for (const { call, left } of this.sent.slice(this.first)) this.leftOver(call, left, receiver, outside);
    if (this.ending !== undefined && !this.learnt) this.untold(this.ending, receiver, outside);
    return this.links;
  }

  private leftOver(
    { index }: ConversationCall,
    bytes: number,
    receiver: BookedSocket | undefined,
    outside: boolean,
  ): void {
    const link = { cargo: "bytes", from: index, bytes } as const;
    if (receiver === undefined) {
      if (outside) this.link({ ...link, fate: "outside" });
    } else if (receiver.closedBy !== undefined) {
      this.link({ ...link, fate: "lost", socket: receiver.id, reason: "never received" });
    } else this.link({ ...link, fate: "queued", socket: receiver.id });
  }

  private untold({ call, breaks }: Ending, receiver: BookedSocket | undefined, outside: boolean): void {
    if (receiver?.closedBy !== undefined || (receiver === undefined && !outside)) return;
    this.link(
      {
        cargo: breaks === undefined ? "FIN" : "RST",
        fate: receiver === undefined ? "outside" : "queued",
        from: call.index,
        ...(receiver === undefined ? {} : { socket: receiver.id }),
      },
      breaks === undefined ? this.known : "inferred",
      breaks ?? this.because,
    );
  }
}

/** What both previews show of the same bytes is equal. */
function agreeFrom(part: Part, debt: Part, bytes: number): boolean {
  const { data: sent } = part.call.step;
  const { data: received } = debt.call.step;
  if (sent === undefined || received === undefined) return true;
  const a = previewBytes(sent).subarray(part.taken, part.taken + bytes);
  const b = previewBytes(received).subarray(debt.taken, debt.taken + bytes);
  const common = Math.min(a.byteLength, b.byteLength);
  return a.subarray(0, common).every((byte, index) => byte === b[index]);
}

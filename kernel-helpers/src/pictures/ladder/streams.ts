import { count } from "../duration";
import type { Arrow } from "./arrows";
import type { LadderCall, Lane, Life } from "./lanes";

interface Part {
  readonly call: LadderCall;
  left: number;
}

/**
 * One direction of a connection: bytes go in at one end in the order of the sends, and come out at the other in the order of the
 * receives. Counting them tells which send a receive got its bytes from; where one ends and the next begins is not kept by TCP.
 */
export class Direction {
  private readonly sent: Part[] = [];
  private first = 0;
  /** Receives whose bytes have no send yet: clocks of two processes can differ by a little. */
  private readonly owed: Part[] = [];
  private ending: { call: LadderCall; reset: boolean } | undefined;
  private ended = false;

  constructor(private readonly arrows: Arrow[]) {}

  /** Bytes that nobody has received. */
  get unread(): number {
    return this.sent.slice(this.first).reduce((sum, part) => sum + part.left, 0);
  }

  send(call: LadderCall, bytes: number): void {
    const part = { call, left: bytes };
    while (part.left > 0 && this.owed.length > 0) {
      const debt = this.owed[0]!;
      this.deliver(part, debt.call, Math.min(part.left, debt.left), debt);
      if (debt.left === 0) this.owed.shift();
    }
    if (part.left > 0) this.sent.push(part);
  }

  receive(call: LadderCall, bytes: number): void {
    const debt = { call, left: bytes };
    while (debt.left > 0 && this.first < this.sent.length) {
      const part = this.sent[this.first]!;
      this.deliver(part, call, Math.min(part.left, debt.left), debt);
      if (part.left === 0) this.first += 1;
    }
    if (debt.left > 0) this.owed.push(debt);
  }

  private deliver(part: Part, to: LadderCall, bytes: number, debt: Part): void {
    part.left -= bytes;
    debt.left -= bytes;
    this.arrows.push({ cargo: "bytes", from: part.call, to, lane: to.lane, bytes, fate: "taken" });
  }

  /** The sending end says that it is done, or that the connection is broken. */
  finish(call: LadderCall, reset: boolean): void {
    this.ending ??= { call, reset };
  }

  /** The receiving end learns of it: recv() returned 0, or a call failed with ECONNRESET. */
  learn(call: LadderCall, reset: boolean): void {
    if (this.ending === undefined || this.ended) return;
    this.ended = true;
    this.arrows.push({
      cargo: reset || this.ending.reset ? "RST" : "FIN",
      from: this.ending.call,
      to: call,
      lane: call.lane,
      fate: "taken",
    });
  }

  /** What is left at the end of the record. `receiver` is the socket at the other end, or the listener while nobody has accepted. */
  rest(receiver: Life | undefined): void {
    const lane: Lane | undefined = receiver?.lane;
    for (const { call, left } of this.owed)
      this.arrows.push({ cargo: "bytes", to: call, lane: call.lane, bytes: left, fate: "outside" });
    for (const { call, left } of this.sent.slice(this.first)) {
      const whole =
        left === call.step.result ? count(left, "byte") : `${left} of ${count(call.step.result ?? left, "byte")}`;
      this.arrows.push(
        receiver === undefined
          ? { cargo: "bytes", from: call, bytes: left, fate: "outside" }
          : receiver.closedBy !== undefined
            ? {
                cargo: "bytes",
                from: call,
                lane,
                bytes: left,
                fate: "lost",
                notes: [`${whole} never received`, "never received"],
              }
            : {
                cargo: "bytes",
                from: call,
                lane,
                bytes: left,
                fate: "queued",
                notes: [
                  `${whole} waiting in the queue`,
                  `${whole} in the queue`,
                  `${left} in the queue`,
                  `${left} queued`,
                ],
              },
      );
    }
    if (this.ending !== undefined && !this.ended && receiver?.closedBy === undefined) {
      const { call, reset } = this.ending;
      this.arrows.push({
        cargo: reset ? "RST" : "FIN",
        from: call,
        lane,
        fate: receiver === undefined ? "outside" : "queued",
      });
    }
  }
}

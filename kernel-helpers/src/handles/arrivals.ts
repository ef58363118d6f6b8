import type { Tried } from "../calls/description";
import type { RecvCall } from "../calls/recv";
import { sections } from "../cells/whole";
import type { NamedSocket } from "./named-socket";
import { callRecv, DEFAULT_LENGTH, type Receiver, receive } from "./receiving";
import { FOREVER } from "./wait-options";

type Arrived = IteratorResult<Buffer, void>;

const END = { done: true, value: undefined } as const;

/** Makes of each receive what a loop gets, and knows when there is no more. */
class ForLoop implements Receiver<Arrived, Tried<RecvCall>> {
  readonly name = "recv";
  readonly call = callRecv;
  ended = false;

  constructor(readonly sock: NamedSocket) {}

  finish(value: Buffer): Arrived {
    // A datagram can be empty.
    if (value.byteLength > 0 || this.sock.isDatagram) return { done: false, value };
    this.ended = true;
    return END;
  }

  failed(): void {
    this.ended = true;
  }
}

/**
 * What arrives at a handle, receive after receive, until a stream's end.
 *
 * Not an async generator, which makes four promises more for each: with 100 clients that was a tenth of what a server allocates. Each promise is
 * the one of the wait itself, for the same reason.
 */
export class Arrivals implements AsyncIterableIterator<Buffer> {
  readonly #loop: ForLoop;

  constructor(sock: NamedSocket) {
    this.#loop = new ForLoop(sock);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Arrived> {
    const loop = this.#loop;
    if (loop.ended) return Promise.resolve(END);
    sections?.enter();
    try {
      return receive(loop.sock, loop, DEFAULT_LENGTH, 0, FOREVER);
    } catch (error) {
      loop.ended = true;
      return Promise.reject(error);
    } finally {
      sections?.leave();
    }
  }

  /** A loop is left. */
  return(): Promise<Arrived> {
    this.#loop.ended = true;
    return Promise.resolve(END);
  }
}

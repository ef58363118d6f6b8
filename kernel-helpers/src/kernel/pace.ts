/**
 * What a Jupyter server hands on, as it is unless somebody configures it: 1,000 messages and 1,000,000 bytes of printed text a second, each over the
 * last three seconds (jupyter_server, `_limit_rate`). It throws away what is more, whatever it is: the last line, a picture, the result.
 */
const WINDOW = 3000;
const SERVER = { messages: 3000, bytes: 3_000_000 };
/** A server that has stood still reads at once what was sent meanwhile: with half of its limits, that may be as long as a whole window. */
const SHARE = 0.5;
const MOST = { messages: SERVER.messages * SHARE, bytes: SERVER.bytes * SHARE };

interface Sent {
  at: number;
  bytes: number;
}

/** Knows when the next message may go out, so that the server hands it on. */
export class Pace {
  #sent: Sent[] = [];
  /** Where the oldest one lies that still counts. */
  #first = 0;
  #bytes = 0;

  /** How many milliseconds a message has to wait; 0 when it may go now. */
  wait(now: number): number {
    while (this.#first < this.#sent.length && now - this.#sent[this.#first]!.at >= WINDOW) {
      this.#bytes -= this.#sent[this.#first]!.bytes;
      this.#first += 1;
    }
    if (this.#sent.length - this.#first < MOST.messages && this.#bytes < MOST.bytes) return 0;
    return Math.max(1, this.#sent[this.#first]!.at + WINDOW - now);
  }

  /** @param bytes the length of a message with printed text; other messages are only counted */
  sent(now: number, bytes: number): void {
    this.#sent.push({ at: now, bytes });
    this.#bytes += bytes;
    if (this.#first < MOST.messages) return;
    this.#sent = this.#sent.slice(this.#first);
    this.#first = 0;
  }

  /** The server begins to count anew whenever the kernel is idle. */
  reset(): void {
    this.#sent = [];
    this.#first = 0;
    this.#bytes = 0;
  }
}

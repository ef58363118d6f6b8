import type { ConversationCall, Link } from "./conversation";
import { agree, previewBytes } from "./payload";
import type { BookedSocket } from "./socket-book";

/** How many of the first bytes tell most payloads apart. */
const BEGINNING = 32;

interface Guess {
  readonly link: Link;
  readonly call: ConversationCall;
}

/** What was received of which the system did not tell the sender, and which fits what somebody of the record has sent. */
export class Guesses {
  private readonly known = new Map<string, Guess[]>();

  add(link: Link, call: ConversationCall, receiver: BookedSocket): void {
    const key = keyOf(call, receiver);
    const guesses = this.known.get(key);
    if (guesses === undefined) this.known.set(key, [{ link, call }]);
    else guesses.push({ link, call });
  }

  /** Takes out those of the same bytes at the same socket. */
  take(call: ConversationCall, receiver: BookedSocket): Link[] {
    const key = keyOf(call, receiver);
    const guesses = this.known.get(key) ?? [];
    const same = guesses.filter((guess) => agree(guess.call.step.data, call.step.data));
    if (same.length > 0)
      this.known.set(
        key,
        guesses.filter((guess) => !same.includes(guess)),
      );
    return same.map(({ link }) => link);
  }
}

function keyOf({ step }: ConversationCall, { id }: BookedSocket): string {
  const beginning = step.data === undefined ? "" : previewBytes(step.data).subarray(0, BEGINNING).join();
  return `${id} ${step.result} ${beginning}`;
}

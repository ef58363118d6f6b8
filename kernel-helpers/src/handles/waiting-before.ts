import { currentCell, isForeground, startedBy } from "../cells";
import { SENTENCES } from "../errors/sentences";
import type { Waiter } from "../readiness/waiter";
import { say } from "../trace";
import type { NamedSocket } from "./named-socket";

const NOTHING = { tell: () => {}, forError: () => "" };

/** What a wait of the code in progress is called, for words about it: "recv (cell 3)". */
export function labelOf(call: string): string {
  const cell = isForeground(startedBy()) ? currentCell()?.count : undefined;
  return cell === undefined ? call : `${call} (cell ${cell})`;
}

/**
 * A receive that was begun before, and not awaited, takes what comes first: who awaits a second one wonders where the data is. That is said
 * when the second begins, if another cell began the first, and in its error.
 *
 * To be called when the second begins.
 */
export function waitingBefore(sock: NamedSocket): { tell(): void; forError(): string } {
  const earlier: Waiter | undefined = sock.firstWaiting("in");
  const { label } = earlier ?? {};
  if (earlier === undefined || label === undefined) return NOTHING;
  const isElsewhere = earlier.run !== startedBy();
  return {
    tell() {
      if (isElsewhere) say(SENTENCES.waitsBehind(label, sock.name));
    },
    forError() {
      if (earlier.done) return ` ${SENTENCES.earlierTook(label, sock.name)}`;
      return sock.firstWaiting("in") === earlier ? ` ${SENTENCES.waitsBehind(label, sock.name)}` : "";
    },
  };
}

import type { ConversationCall, Link, Reason } from "./conversation";
import type { DatagramUnderway } from "./datagrams-underway";
import { succeeded } from "./evidence";
import type { QueuesAtEnd } from "./queues-at-end";
import type { BookedSocket } from "./socket-book";

/** The least memory that a datagram takes in a queue beside its own bytes: Linux counts its description of it too (832 bytes were seen for 1 to 100). */
const DESCRIPTION = 512;

/** What became of one. */
interface End extends Pick<Link, "because"> {
  readonly message: DatagramUnderway;
  readonly fate: "queued" | "lost";
  readonly reason?: Reason;
}

/** From what it is told. */
interface KnownAtEnd {
  readonly queues: QueuesAtEnd;
  /** How many of the losses at the socket are told already. */
  readonly lost: number;
  readonly calls: readonly ConversationCall[];
}

/**
 * What became of datagrams that nobody has received: they wait, or were dropped where the system counts that. Nothing of those of which nobody
 * knows.
 *
 * @param pending what can have come to this socket of the record alone, in the order in which it was sent
 */
export function unreceived(pending: readonly DatagramUnderway[], box: BookedSocket, known: KnownAtEnd): End[] {
  const { queues, lost, calls } = known;
  const lose = (messages: readonly DatagramUnderway[], reason: Reason, because: string): End[] =>
    messages.map((message) => ({ message, fate: "lost", reason, because }));
  if (box.closedBy !== undefined)
    return lose(pending, "never received", "its socket is closed, and no receive has taken it");
  const counted = queues.dropped(box);
  if (counted === undefined || queues.isShared(box)) return [];
  const dropped = Math.max(0, counted - lost);
  const reason = isFiltered(box) ? "filter" : "queue full";
  if (dropped >= pending.length) return lose(pending, reason, "the system counts as many drops at the socket");
  if (dropped === 0) return queued(pending, box, queues);
  if (!isFullQueue(pending, box, calls)) return [];
  const because = "the system counts drops, and a full queue refuses what comes last";
  return [...queued(pending.slice(0, -dropped), box, queues), ...lose(pending.slice(-dropped), reason, because)];
}

/** Nothing, where the system says that less waits than these: another socket has received them, or another process that has not told it yet. */
function queued(messages: readonly DatagramUnderway[], box: BookedSocket, queues: QueuesAtEnd): End[] {
  const least = messages.reduce((sum, { bytes }) => sum + bytes + DESCRIPTION, 0);
  if ((queues.length(box) ?? least) < least) return [];
  const because = "it is the only socket of the record with this address, and has not received it";
  return messages.map((message) => ({ message, fate: "queued", because }));
}

/** Nothing was taken out since the first of them came, and all are as long: what is refused by a full queue is the newest. */
function isFullQueue(
  pending: readonly DatagramUnderway[],
  box: BookedSocket,
  calls: readonly ConversationCall[],
): boolean {
  const first = pending[0]!.call.at;
  const length = pending[0]!.bytes;
  const read = calls.some(
    ({ socket, step, at }) =>
      socket === box.id && step.means === "receives" && succeeded(step) && step.peek !== true && at > first,
  );
  return !read && !isFiltered(box) && pending.every(({ bytes }) => bytes <= length * 4 && bytes >= length);
}

export function isFiltered({ options }: BookedSocket): boolean {
  return "SO_ATTACH_FILTER" in options;
}

import { connectionsOf } from "./connections";
import type { Conversation, ConversationCall, Link } from "./conversation";
import { Datagrams } from "./datagrams";
import { type Evidence, isOver } from "./evidence";
import { withEnds } from "./process-ends";
import { QueuesAtEnd } from "./queues-at-end";
import { SocketBook } from "./socket-book";
import { Streams } from "./streams";

/**
 * Finds out who spoke to whom: from the calls, and from what the system said of addresses. It says what is known, and how; of what nobody
 * can know, it says nothing.
 *
 * @param evidence the calls in the order in which they began, and what else was seen
 */
export function readConversation({ steps, networks, ends = [], ...system }: Evidence): Conversation {
  const book = new SocketBook(networks);
  for (const step of withEnds(steps, ends)) book.add(step);
  const { sockets, calls } = book;
  const inTime = calls.filter(({ step }) => isOver(step)).sort((a, b) => a.at - b.at || a.index - b.index);
  const queues = new QueuesAtEnd(system);
  const streams = new Streams(sockets, connectionsOf({ sockets, calls }), queues);
  const datagrams = new Datagrams(sockets, calls, queues);
  const links = [...streams.read(inTime), ...calls.flatMap(newSocket), ...datagrams.read(inTime)];
  return { calls, sockets, links: links.sort((a, b) => arrival(a, calls) - arrival(b, calls)) };
}

/** In the order in which things arrived, and those last that never did. */
function arrival({ cargo, from, to }: Link, calls: readonly ConversationCall[]): number {
  const taken = to ?? (cargo === "new socket" ? from : undefined);
  return taken === undefined ? Number.MAX_VALUE : calls[taken]!.at;
}

function newSocket({ index, opened }: ConversationCall): Link[] {
  if (opened === undefined) return [];
  const because = "the call has returned it";
  return [{ cargo: "new socket", fate: "taken", from: index, socket: opened, known: "observed", because }];
}

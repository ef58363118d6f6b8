import { SENTENCES } from "../../errors/sentences";
import type { Handle } from "../../handles/handle";
import type { OwnSocket } from "../../handles/open-socket";
import { closeEach, openHandles, openNamed } from "../../handles/registry";
import { handleOf } from "../../handles/socket-of";
import type { HandleFacts } from "../messages";

/** How many closed handles are kept, for the words of a call on one. */
const CLOSED_KEPT = 100;

/** The sockets of the handles that this process has made: by the number under which the notebook knows them, and the newest of each name. */
const byId = new Map<number, OwnSocket>();
const ids = new WeakMap<OwnSocket, number>();
const backlogs = new WeakMap<OwnSocket, number>();
const newest = new Map<string, OwnSocket>();
/** The closed ones among them, in the order in which the notebook was told of that. */
const closedIds = new Set<number>();
let count = 0;

/** What the notebook is told of a handle; it has a number from the first time on. */
export function factsOfSocket(sock: OwnSocket): HandleFacts {
  let id = ids.get(sock);
  if (id === undefined) {
    count += 1;
    id = count;
    ids.set(sock, id);
    byId.set(id, sock);
    newest.set(sock.name, sock);
  }
  if (sock.closed !== undefined) forgetLater(id);
  const { name, fd, family, type, closed, local, peer, file, listener, timeouts } = sock;
  const accepted = listener === undefined ? {} : { listener: { local: listener.local } };
  const told = { backlog: backlogs.get(sock), longestTimeout: Math.max(timeouts.in, timeouts.out) };
  return { id, name, family, type, fd, closed: closed !== undefined, local, peer, file, ...told, ...accepted };
}

/** Notes how many connections may wait at a listening handle. */
export function noteBacklog(sock: OwnSocket, backlog: number | undefined): void {
  if (backlog !== undefined) backlogs.set(sock, backlog);
}

/** Forgets a closed handle when enough others were closed after it. */
function forgetLater(id: number): void {
  closedIds.add(id);
  const oldest = closedIds.values().next();
  if (closedIds.size <= CLOSED_KEPT || oldest.done) return;
  closedIds.delete(oldest.value);
  const sock = byId.get(oldest.value);
  byId.delete(oldest.value);
  if (sock !== undefined && newest.get(sock.name) === sock) newest.delete(sock.name);
}

/** The newest handle with this name, as it is now: also one that the notebook has not asked for, such as those of a server. */
export function factsOfName(name: string): HandleFacts | undefined {
  const sock = openNamed(name) ?? newest.get(name);
  return sock === undefined ? undefined : factsOfSocket(sock);
}

/** The handle that the notebook means; undefined for one that was closed long ago. */
export function handleWith(id: number): Handle | undefined {
  const sock = byId.get(id);
  return sock === undefined ? undefined : (handleOf(sock) as Handle);
}

/** Closes every handle, the newest first, before this process ends. */
export function closeHandles(): void {
  closeEach(openHandles(), SENTENCES.processStopped());
}

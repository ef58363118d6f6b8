import { clean } from "../bytes/clean";
import { afterOpen, beforeBlocking, beforeClose } from "../calls";
import { openedHere } from "../calls/descriptors";
import { processWide } from "../cells";
import { SENTENCES } from "../errors/sentences";
import { say } from "../trace";
import { closeLingering } from "./lingering";
import type { OwnSocket } from "./open-socket";
import { removeFile } from "./socket-file";

/** The sockets of this process that have an open handle, by name, in the order in which they were opened. */
const open = processWide("handles", () => new Map<string, OwnSocket>());

/** The last handle's socket that had each descriptor. */
const owners = processWide("owners", () => new Map<number, OwnSocket>());

processWide("handles know of closes", () => {
  beforeClose((fd) => openSocketOf(fd)?.markClosed(SENTENCES.closedBehind()));
  afterOpen((fd) => openSocketOf(fd)?.markClosed(SENTENCES.numberTaken()));
  beforeBlocking((fd) => {
    const sock = openSocketSharing(fd);
    if (sock === undefined) return;
    throw new RangeError(
      `Descriptor ${fd} ${sock.fd === fd ? "belongs to" : "has the socket of"} the handle "${sock.name}", which stays non-blocking: a call that waits would stop the whole notebook. Make a socket of your own with calls.socket(…).`,
    );
  });
  return true;
});

/** Enters a new handle's socket. */
export function register(sock: OwnSocket): void {
  claim(sock);
  open.set(sock.name, sock);
}

/** The sockets of the open handles, oldest first. */
export function openHandles(): OwnSocket[] {
  const entries = [...open.values()].filter(({ closed }) => closed === undefined);
  if (entries.length !== open.size) for (const sock of open.values()) if (sock.closed !== undefined) unregister(sock);
  return entries;
}

/** How many handles are open; one that has just been closed can be among them. */
export function openCount(): number {
  return open.size;
}

/** The same as {@link openHandles}, one after the other, for whoever must not take longer because many are open. */
export function openEntries(): IterableIterator<OwnSocket> {
  return open.values();
}

/** The open handle's socket of this name. */
export function openNamed(name: string): OwnSocket | undefined {
  const sock = open.get(name);
  return sock?.closed === undefined ? sock : undefined;
}

/** The open handle's socket that has this descriptor. */
export function openSocketOf(fd: number): OwnSocket | undefined {
  const sock = owners.get(fd);
  return sock?.fd === fd && sock.closed === undefined ? sock : undefined;
}

/** The open handle's socket that this descriptor leads to, its own or another one for the same socket: by dup(), or received in a message. */
export function openSocketSharing(fd: number): OwnSocket | undefined {
  const sock = openSocketOf(fd);
  const known = openedHere(fd);
  if (sock !== undefined || known === undefined || !known.copies) return sock;
  return openHandles().find((other) => openedHere(other.fd) === known);
}

/**
 * Notes that the descriptor is this handle's. A handle that believed to have it was told already: the system gave the number to a new socket,
 * so it was closed behind that one's back, and must not be closed by it again.
 */
export function claim(sock: OwnSocket): void {
  owners.set(sock.fd, sock);
}

/** Whether an open handle has this name. */
export function isOpen(name: string): boolean {
  return openNamed(name) !== undefined;
}

function unregister(sock: OwnSocket): void {
  if (open.get(sock.name) === sock) open.delete(sock.name);
  if (owners.get(sock.fd) === sock) owners.delete(sock.fd);
}

/** How many closed clients are remembered. */
const REMEMBERED = 1000;

/** TCP handles that were closed while they were connected, by the two ends of their connection: see {@link endsOf}. */
const gone = processWide("closed clients", () => new Map<string, OwnSocket>());

/** The client's address and the server's port. The address alone is another connection's as well: the system gives a port to many. */
function endsOf(client: string | undefined, server: string | undefined): string | undefined {
  if (client === undefined || server === undefined) return undefined;
  return `${client} ${server.slice(server.lastIndexOf(":") + 1)}`;
}

/**
 * The closed handle that had this connection, if it was one of ours: the connection can still wait to be accepted. It is forgotten then.
 *
 * @param client the client's address
 * @param server the listener's
 */
export function takeClosedClient(client: string | undefined, server: string | undefined): OwnSocket | undefined {
  const ends = endsOf(client, server);
  const sock = ends === undefined ? undefined : gone.get(ends);
  if (ends !== undefined) gone.delete(ends);
  return sock;
}

function rememberClient(sock: OwnSocket): void {
  // The addresses of Unix-domain clients do not tell one from another: most have none.
  if (!sock.isInternet || sock.isDatagram) return;
  const ends = endsOf(sock.local, sock.peer);
  if (ends === undefined) return;
  gone.set(ends, sock);
  const oldest = gone.keys().next();
  if (gone.size > REMEMBERED && !oldest.done) gone.delete(oldest.value);
}

/** Closes a handle as one step of it, and says so. */
export function closeSocket(sock: OwnSocket, why: string): void {
  const sayIt = sock.now("close", () =>
    closeLingering(sock, () => {
      sock.markClosed(why);
      unregister(sock);
      rememberClient(sock);
    }),
  );
  sayIt();
  removeFileOf(sock);
}

/** Removes the file that the handle's bind() has made, once its socket is closed. */
export function removeFileOf(sock: OwnSocket): void {
  const { file } = sock;
  sock.file = undefined;
  if (file !== undefined && removeFile(file)) say(SENTENCES.fileRemoved(clean(file.path)));
}

/** Closes these handles, the newest first. */
export function closeEach(sockets: readonly OwnSocket[], why: string): void {
  for (const sock of [...sockets].reverse()) {
    try {
      if (sock.hasItsDescriptor()) closeSocket(sock, why);
    } catch {
      // Its line says what went wrong; the others are closed all the same.
    }
  }
}

/** Closes the handle of this name, with everything that it accepted: the accepted ones first. */
export function closeName(name: string, why: string): void {
  closeEach(
    openHandles().filter((sock) => sock.name === name || sock.listener?.name === name),
    why,
  );
}

import { constants } from "../facts";
import { type Concerned, keepTcpSockets, type TcpSockets } from "../inspection";
import type { OwnSocket } from "./open-socket";
import { openCount, openEntries, openNamed } from "./registry";

/** A map with more entries than this, and than twice those that are open, is cleared of the closed ones. */
const FEW = 1000;

/** The open TCP handles by an address of theirs. Handles come in when a step of theirs ends, and go when they are found closed. */
class ByAddress {
  private readonly sockets = new Map<string, OwnSocket>();
  private most = FEW;

  set(address: string | undefined, sock: OwnSocket): void {
    if (address === undefined || this.sockets.get(address) === sock) return;
    this.sockets.set(address, sock);
    if (this.sockets.size <= this.most) return;
    for (const [key, kept] of this.sockets) if (kept.closed !== undefined) this.sockets.delete(key);
    this.most = 2 * this.sockets.size + FEW;
  }

  get(address: string | undefined): OwnSocket | undefined {
    const sock = address === undefined ? undefined : this.sockets.get(address);
    if (sock?.closed === undefined) return sock;
    this.sockets.delete(address!);
    return undefined;
  }
}

/** The TCP handles of this process, and which of them a step concerns: found by their names and addresses, however many are open. */
class TcpHandles implements TcpSockets {
  private readonly byLocal = new ByAddress();
  private readonly byPeer = new ByAddress();
  /**
   * Those whose turn comes, the next one last. Not an iterator of the map: while one is kept and not asked, V8 leads from the table that it has
   * to all later ones of the map, and so to every handle that was ever opened since.
   */
  private turn: OwnSocket[] = [];

  count(): number {
    return openCount();
  }

  noteStep(step: Concerned): void {
    for (const sock of ownOf(step)) {
      this.byLocal.set(sock.local, sock);
      this.byPeer.set(sock.peer, sock);
    }
  }

  concernedBy(step: Concerned): OwnSocket[] {
    // The other end has this one's local address as its peer, and the other way round; an accepted one need not know its own address.
    const [there, also] = [this.byPeer.get(step.local), this.byLocal.get(step.peer)];
    return [...ownOf(step), ...(there === undefined ? [] : [there]), ...(also === undefined ? [] : [also])];
  }

  next(most: number): OwnSocket[] {
    const sockets = new Set<OwnSocket>();
    // All of a few come in the order in which they were opened.
    if (openCount() <= most) this.beginRound();
    // Of other kinds there can be any number: they are passed over, as many as would have been taken.
    for (let left = Math.min(2 * most, openCount()); left > 0 && sockets.size < most; left--) {
      if (this.turn.length === 0) this.beginRound();
      const sock = this.turn.pop();
      if (sock === undefined) break;
      if (sock.closed === undefined && isTcp(sock)) sockets.add(sock);
    }
    return [...sockets];
  }

  private beginRound(): void {
    this.turn = [...openEntries()].reverse();
  }
}

/** The handle that made a step of this process, and the one that it opened. */
function ownOf({ pid, handle, opened }: Concerned): OwnSocket[] {
  if (pid !== process.pid) return [];
  const sockets = [openNamed(handle), opened === undefined ? undefined : openNamed(opened)];
  return sockets.filter((sock): sock is OwnSocket => sock !== undefined && isTcp(sock));
}

/** Whether a handle is a TCP socket's. */
function isTcp({ isInternet, type }: OwnSocket): boolean {
  return isInternet && type === constants.SOCK_STREAM;
}

keepTcpSockets(new TcpHandles());

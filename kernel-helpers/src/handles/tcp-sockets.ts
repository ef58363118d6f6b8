import { constants } from "../facts";
import { type Concerned, keepTcpSockets, type TcpSockets } from "../inspection";
import type { Core } from "./core";
import { openCount, openEntries, openNamed } from "./registry";

/** A map with more entries than this, and than twice those that are open, is cleared of the closed ones. */
const FEW = 1000;

/** The open TCP handles by an address of theirs. Handles come in when a step of theirs ends, and go when they are found closed. */
class ByAddress {
  private readonly cores = new Map<string, Core>();
  private most = FEW;

  set(address: string | undefined, core: Core): void {
    if (address === undefined || this.cores.get(address) === core) return;
    this.cores.set(address, core);
    if (this.cores.size <= this.most) return;
    for (const [key, kept] of this.cores) if (kept.closed !== undefined) this.cores.delete(key);
    this.most = 2 * this.cores.size + FEW;
  }

  get(address: string | undefined): Core | undefined {
    const core = address === undefined ? undefined : this.cores.get(address);
    if (core?.closed === undefined) return core;
    this.cores.delete(address!);
    return undefined;
  }
}

/** The TCP handles of this process, and which of them a step concerns: found by their names and addresses, however many are open. */
class TcpHandles implements TcpSockets {
  private readonly byLocal = new ByAddress();
  private readonly byPeer = new ByAddress();
  private turn = openEntries();

  count(): number {
    return openCount();
  }

  noteStep(step: Concerned): void {
    for (const core of ownOf(step)) {
      this.byLocal.set(core.local, core);
      this.byPeer.set(core.peer, core);
    }
  }

  concernedBy(step: Concerned): Core[] {
    // The other end has this one's local address as its peer, and the other way round; an accepted one need not know its own address.
    const [there, also] = [this.byPeer.get(step.local), this.byLocal.get(step.peer)];
    return [...ownOf(step), ...(there === undefined ? [] : [there]), ...(also === undefined ? [] : [also])];
  }

  next(most: number): Core[] {
    const cores = new Set<Core>();
    // All of a few come in the order in which they were opened.
    if (openCount() <= most) this.turn = openEntries();
    // Of other kinds there can be any number: they are passed over, as many as would have been taken.
    for (let left = Math.min(2 * most, openCount()); left > 0 && cores.size < most; left--) {
      let entry = this.turn.next();
      if (entry.done) {
        this.turn = openEntries();
        entry = this.turn.next();
      }
      if (entry.done) break;
      const { core } = entry.value;
      if (core.closed === undefined && isTcp(core)) cores.add(core);
    }
    return [...cores];
  }
}

/** The handle that made a step of this process, and the one that it opened. */
function ownOf({ pid, handle, opened }: Concerned): Core[] {
  if (pid !== process.pid) return [];
  const cores = [openNamed(handle)?.core, opened === undefined ? undefined : openNamed(opened)?.core];
  return cores.filter((core): core is Core => core !== undefined && isTcp(core));
}

/** Whether a handle is a TCP socket's. */
function isTcp({ isInternet, type }: Core): boolean {
  return isInternet && type === constants.SOCK_STREAM;
}

keepTcpSockets(new TcpHandles());

import { FIT, fit, hostOf, isLoopback, isPath, plainAddress } from "./addresses";
import { addressAt } from "./conversation";
import { type BookedSocket, skew } from "./socket-book";

/** Which of some sockets of one kind had which names, and when. */
export class Names {
  /** Who was bound to a path, and when, in the order of time. */
  private readonly binders = new Map<string, { socket: BookedSocket; at: number }[]>();
  /** The hosts of addresses that sockets had in each network: they are addresses of the machine. */
  private readonly hosts = new Set<string>();

  constructor(sockets: readonly BookedSocket[]) {
    for (const socket of sockets) {
      for (const { address, at } of socket.locals) {
        if (address === undefined) continue;
        const host = hostOf(address);
        if (host !== undefined) this.hosts.add(`${socket.network ?? ""} ${host}`);
        // What an accepted socket is called by, its listener was bound to.
        if (isPath(address) && socket.listener === undefined) this.note(address, socket, at);
      }
    }
    for (const list of this.binders.values()) list.sort((a, b) => a.at - b.at);
  }

  private note(path: string, socket: BookedSocket, at: number): void {
    const list = this.binders.get(path);
    if (list === undefined) this.binders.set(path, [{ socket, at }]);
    else list.push({ socket, at });
  }

  /**
   * How exactly a socket had a name at a time, for what another socket sends there. Who binds a path that another has bound took it away from
   * that one: the file was removed before.
   */
  fit(socket: BookedSocket, target: string, sender: BookedSocket, at: number): number {
    if (socket.network !== sender.network && !isPath(target)) return FIT.no;
    const local = addressAt(socket.locals, at + skew(socket, sender));
    if (local === undefined) return FIT.no;
    const fits = fit(target, local, isOn(socket.options.IPV6_V6ONLY));
    if (fits === FIT.no || !isPath(target)) return fits;
    const last = this.binders.get(target)?.findLast((binder) => binder.at <= at + skew(binder.socket, sender));
    return last === undefined || last.socket === socket ? fits : FIT.no;
  }

  /** Whether a target is an address of the machine. The system takes as a client's own address the same one when it is. */
  isOwn(target: string, local: string | undefined, network: string | undefined): boolean {
    const host = hostOf(target);
    if (host === undefined || isLoopback(host)) return true;
    if (local !== undefined && hostOf(plainAddress(local)) === host) return true;
    return this.hosts.has(`${network ?? ""} ${host}`);
  }
}

/** An option that is a switch was set to on. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== "0" && value !== "false";
}

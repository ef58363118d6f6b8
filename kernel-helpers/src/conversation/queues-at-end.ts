import type { Drops, Evidence, Queue } from "./evidence";
import type { BookedSocket } from "./socket-book";

/** What the system said, at the end of the record, of the queues of sockets that are open. */
export class QueuesAtEnd {
  constructor(private readonly evidence: Pick<Evidence, "drops" | "queues">) {}

  /** How many datagrams were dropped. Undefined where nobody has counted, and a filter can have dropped any of them. */
  dropped(socket: BookedSocket): number | undefined {
    const { drops } = this.evidence;
    if (drops === undefined) return "SO_ATTACH_FILTER" in socket.options ? undefined : 0;
    return this.of(drops, socket)?.count ?? 0;
  }

  /** How much waits, as {@link Queue} counts it. Undefined where the system does not say it. */
  length(socket: BookedSocket): number | undefined {
    return this.queue(socket)?.length;
  }

  /** Another socket than those of the record has the address too: what is sent there can be with that one. */
  isShared(socket: BookedSocket): boolean {
    return this.queue(socket)?.shared === true;
  }

  private queue(socket: BookedSocket): Queue | undefined {
    return this.of(this.evidence.queues ?? [], socket);
  }

  /** It is counted for the socket that is open under the name. */
  private of<T extends Queue | Drops>(all: readonly T[], { handle, pid, closedBy }: BookedSocket): T | undefined {
    if (closedBy !== undefined) return undefined;
    return all.find((of) => of.handle === handle && isSame(of.pid, pid));
  }
}

/** One process, if both are told. */
function isSame(a: number | undefined, b: number | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

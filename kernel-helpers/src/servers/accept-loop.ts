import { setTimeout as delay } from "node:timers/promises";
import { ClosedError, SocketError } from "../errors/socket-error";
import type { Handle } from "../handles/handle";

/** Nothing is left of what an accept needs: descriptors of the process or of the machine, memory. It passes. */
const NOTHING_LEFT = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]);
/** What Linux tells of the network through accept(2), "Error handling": it is to be made again. */
const OF_THE_NETWORK = new Set([
  "ENETDOWN",
  "EPROTO",
  "ENOPROTOOPT",
  "EHOSTDOWN",
  "ENONET",
  "EHOSTUNREACH",
  "EOPNOTSUPP",
  "ENETUNREACH",
]);

/** In milliseconds. A listening socket stays readable while there is no descriptor to accept with: without a pause the loop would never rest. */
const PAUSE = 100;

/** Waits a little before what has failed is tried again. */
export function pause(): Promise<void> {
  return delay(PAUSE);
}

interface Clients {
  /** A client has been accepted. */
  took(conversation: Handle): void;
  /** Nothing is left to accept with; without an error, it goes on. */
  paused(error?: SocketError): void;
  /** Resolves when another one may be accepted; with false when others do that from now on. */
  room(): Promise<boolean>;
}

/**
 * Accepts clients until the listening handle is closed.
 *
 * @throws what accept(2) has failed with, where that is of the listening socket itself
 */
export async function acceptClients(listener: Handle, { took, paused, room }: Clients): Promise<void> {
  for (;;) {
    if (!(await room()) || listener.closed) return;
    try {
      took(await listener.accept({ timeout: Number.POSITIVE_INFINITY }));
      paused();
    } catch (error) {
      if (error instanceof ClosedError) return;
      if (!(error instanceof SocketError)) throw error;
      if (NOTHING_LEFT.has(error.code)) {
        paused(error);
        await pause();
      } else if (!OF_THE_NETWORK.has(error.code)) throw error;
    }
  }
}

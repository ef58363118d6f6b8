import { formatSockaddr, type SocketAddress } from "../bytes";
import { getpeername, getsockname } from "../calls";
import { SENTENCES } from "../errors/sentences";
import { constants } from "../facts";
import { during, say } from "../trace";
import { looking } from "./looking";

/**
 * The address of a socket that is connected to itself; undefined for any other.
 *
 * @param asked what connect(2) was asked for. 0.0.0.0 leads to this machine too, so that only the system knows both ends
 */
export function ownPeer(fd: number, asked: SocketAddress): string | undefined {
  if (!("port" in asked)) return undefined;
  try {
    return during(looking, () => {
      const local = getsockname(fd);
      if (local === undefined || !("port" in local) || local.port !== asked.port) return undefined;
      const peer = getpeername(fd);
      const place = formatSockaddr(local);
      return peer !== undefined && formatSockaddr(peer) === place ? place : undefined;
    });
  } catch {
    // It is not connected yet, or not any more.
    return undefined;
  }
}

/** Says that a socket is connected to itself: the system says nothing of it. */
export function sayItself(who: string, type: number, place: string): void {
  say(
    type === constants.SOCK_STREAM ? SENTENCES.connectedToItself(who, place) : SENTENCES.datagramsToItself(who, place),
  );
}

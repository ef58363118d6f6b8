import { encodeOptionValue } from "../bytes";
import { closeAtOnce, lingering, setsockopt } from "../calls";
import { SENTENCES } from "../errors/sentences";
import { constants, SO_LINGER } from "../facts";
import { tcpState } from "../inspection";
import { during, say } from "../trace";
import { looking } from "./looking";
import type { OwnSocket } from "./open-socket";

/** The states in which close(2) waits with SO_LINGER: the other end has not acknowledged everything, the FIN included. */
const WAITS = new Set(["ESTABLISHED", "SYN_RECV", "CLOSE_WAIT", "FIN_WAIT1", "CLOSING", "LAST_ACK"]);

/**
 * close(2) of a handle's descriptor, as part of its step. With SO_LINGER it would wait on Linux, also for a socket that does not block, and
 * the whole notebook with it; after that time the system goes on by itself. So it goes on at once here.
 *
 * @param note ends the handle's waits: whatever is asked of the descriptor comes before
 * @returns says it, below the line of the step
 */
export function closeLingering(sock: OwnSocket, note: () => void): () => void {
  const { fd } = sock;
  const seconds = wouldWait(sock);
  if (seconds !== 0)
    setsockopt(
      fd,
      SO_LINGER.level,
      SO_LINGER,
      encodeOptionValue(SO_LINGER, { onoff: false, linger: Math.max(seconds, 0) }),
    );
  note();
  closeAtOnce(fd);
  if (seconds === 0) return () => {};
  return () => say(SENTENCES.wouldLinger(seconds < 0 ? "without an end" : `up to ${seconds} s`));
}

function wouldWait({ fd, isInternet, type }: OwnSocket): number {
  if (!isInternet || type !== constants.SOCK_STREAM) return 0;
  const seconds = lingering(fd);
  if (seconds === 0) return 0;
  return WAITS.has(during(looking, () => tcpState(fd)) ?? "") ? seconds : 0;
}

import { decodeOptionValue } from "../bytes/option-decode";
import { getsockopt } from "../calls/getsockopt";
import { SocketError } from "../errors/socket-error";
import { SO_RCVTIMEO, SO_SNDTIMEO } from "../facts/option-constants";
import type { Direction } from "../readiness/poller";
import { during } from "../trace/recorder";
import { looking } from "./looking";

const TIMEVAL = 16;

/**
 * SO_RCVTIMEO or SO_SNDTIMEO of a socket, in milliseconds; 0 is no limit. The system is asked, when a wait lasts: whoever has the socket can
 * have set it, by the descriptor's number, by a duplicate, or in another process. (2 µs, and a record that is kept.)
 */
export function timeLimit(fd: number, direction: Direction): number {
  const option = direction === "in" ? SO_RCVTIMEO : SO_SNDTIMEO;
  try {
    return decodeOptionValue(
      option,
      during(looking, () => getsockopt(fd, option.level, option, TIMEVAL)),
    );
  } catch (error) {
    // The descriptor is closed, or leads to a file: the wait ends with words of its own.
    if (error instanceof SocketError) return 0;
    throw error;
  }
}

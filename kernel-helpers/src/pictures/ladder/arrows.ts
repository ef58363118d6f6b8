import type { LadderCall, Lane } from "./lanes";

/** What travels: a connection request and its way out of the queue, bytes of a stream, a datagram, the end of a stream. */
export type Cargo = "connect" | "new socket" | "bytes" | "datagram" | "FIN" | "RST";

/** What became of it. `outside` is another end that no lane of the picture shows. */
export type Fate = "taken" | "queued" | "lost" | "outside";

/** One thing that went from a call to a call. */
export interface Arrow {
  readonly cargo: Cargo;
  /** Missing when it came from outside. */
  readonly from?: LadderCall;
  /** The call that took it. */
  readonly to?: LadderCall;
  /** The lane where it arrives, if it is known. */
  readonly lane?: Lane;
  readonly fate: Fate;
  readonly bytes?: number;
  /** A datagram arrived shorter than it was sent. */
  readonly cut?: boolean;
  /** Why it was lost, or what it waits for: the longest wording first. */
  readonly notes?: readonly string[];
}

/** What is said of something that goes to a socket without a lane. */
export const OUTSIDE = ["to a socket that is not in this picture", "not in this picture", "elsewhere"] as const;

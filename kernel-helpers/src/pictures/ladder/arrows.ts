import { noun } from "../../bytes/noun";
import type { Cargo, Certainty, Fate, Reason } from "../../conversation";
import { count } from "../duration";
import type { LadderCall, Lane } from "./lanes";

/** One thing that went from a call to a call, as it is drawn. */
export interface Arrow {
  readonly cargo: Cargo;
  /** What is observed is drawn solid, what is inferred dashed. */
  readonly known: Certainty;
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

const REASONS: Readonly<Record<Exclude<Reason, "never received" | "cut">, readonly string[]>> = {
  refused: ["nobody listens there", "refused"],
  "nobody has the port": ["nobody takes it there"],
  "not its peer": ["not from its peer: thrown away", "not from its peer"],
  "never accepted": ["never accepted"],
  "queue full": ["dropped: the queue was full", "dropped: queue full", "dropped"],
  filter: ["dropped by the socket's filter", "dropped: filter", "dropped"],
  overtaken: ["lost"],
};

const WAITS_FOR_ACCEPT = [
  "waits in the queue to be accepted",
  "waits to be accepted",
  "waits for accept",
  "not accepted",
  "queued",
];

/** What is said of something that goes to a socket without a lane. */
const OUTSIDE = ["to a socket that is not in this picture", "not in this picture", "elsewhere"];

/**
 * The words above an arrow, the longest wording first; none where it says everything itself.
 *
 * @param sent how many bytes the call sent, of which these are a part
 */
export function notesOf(
  {
    cargo,
    fate,
    reason,
    bytes = 0,
  }: { cargo: Cargo; fate: Fate; reason?: Reason | undefined; bytes?: number | undefined },
  sent: number,
): readonly string[] | undefined {
  const whole = bytes === sent ? count(bytes, "byte") : `${bytes} of ${count(sent, "byte")}`;
  if (reason === "cut")
    return [
      `cut: ${bytes} of ${count(sent, "byte")} ${noun(bytes, "arrives", "arrive")}`,
      `cut to ${count(bytes, "byte")}`,
    ];
  if (reason === "never received") {
    return cargo === "bytes"
      ? [`${whole} never received`, "never received"]
      : ["never received: closed", "never received"];
  }
  if (reason !== undefined) return REASONS[reason];
  if (fate === "outside" && cargo !== "bytes" && cargo !== "FIN" && cargo !== "RST") return OUTSIDE;
  if (fate !== "queued") return undefined;
  if (cargo === "connection") return WAITS_FOR_ACCEPT;
  if (cargo === "datagram") return ["waits in the queue", "in the queue"];
  if (cargo === "bytes")
    return [`${whole} waiting in the queue`, `${whole} in the queue`, `${bytes} in the queue`, `${bytes} queued`];
  return undefined;
}

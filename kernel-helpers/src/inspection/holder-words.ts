import { SENTENCES } from "../errors/sentences";
import type { PortHolder } from "./port-holder";

/** Who has the port, in a sentence or two for the person who wanted it. */
export function describeHolder(holder: PortHolder, port: number): string {
  const number = `${port}`;
  switch (holder.kind) {
    case "process":
      return SENTENCES.portOfProcess(number, `${holder.owner.pid}`, holder.owner.command, stateWords(holder.state));
    case "hidden":
      return SENTENCES.portHidden(number, stateWords(holder.state), `${holder.uid}`);
    case "time-wait":
      return SENTENCES.portInTimeWait(number);
    case "closing":
      return SENTENCES.portClosing(number, holder.state);
    case "unlisted":
      return SENTENCES.portUnlisted(number);
    case "unknown":
      return SENTENCES.portUnknown(number);
  }
}

function stateWords(state: string): string {
  if (state === "LISTEN") return "listening";
  // What the table calls the states of a UDP socket: CLOSE without a default peer, ESTABLISHED with one.
  if (state === "CLOSE") return "a datagram socket";
  return state === "ESTABLISHED" ? "a connection that is open" : `a connection in ${state}`;
}

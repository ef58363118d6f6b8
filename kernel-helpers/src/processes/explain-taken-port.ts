import { SocketError } from "../errors";
import { constants } from "../facts";
import { parsePlace, whoHasPort } from "../handles/port-owner";
import type { HandleFacts } from "./messages";

/**
 * Says who has a port that a call in the other process found taken. The notebook knows more of it: to the other process, the notebook's
 * own handles are sockets of a stranger.
 */
export function explainTakenPort(error: Error, facts: HandleFacts, pid: number): Error {
  if (!(error instanceof SocketError) || error.code !== "EADDRINUSE") return error;
  if (error.syscall !== "bind" && error.syscall !== "listen") return error;
  if (facts.family !== constants.AF_INET && facts.family !== constants.AF_INET6) return error;
  const { address, port } = error;
  const place = address === undefined || port === undefined ? parsePlace(facts.local) : { address, port };
  if (place !== undefined && place.port !== 0) {
    error.advice = whoHasPort({ ...place, datagram: facts.type === constants.SOCK_DGRAM, by: facts, pid });
  }
  return error;
}

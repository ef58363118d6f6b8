import type { KnownSocket, SocketError } from "../errors";
import { nameOf } from "../facts";
import type { OwnSocket } from "./open-socket";
import { placeOf, whoHasPort } from "./port-owner";
import { openHandles } from "./registry";

/** The calls that want an address for their own socket: only theirs can be taken. */
const WANT_ADDRESS = new Set(["bind", "listen"]);

/** Says more about an error than its errno does, where the handle, the others and the system tell more. */
export function explain(error: SocketError, sock: OwnSocket): void {
  error.adviseFor(knownOf(sock));
  if (error.code === "EADDRINUSE" && WANT_ADDRESS.has(error.syscall) && sock.isInternet) {
    error.advice = whoHasIt(error, sock) ?? error.advice;
  }
  if (error.code === "EMFILE") error.advice += ` ${openHandles().length} handles are open.`;
}

function knownOf({ family, isDatagram, local, peer }: OwnSocket): KnownSocket {
  return {
    family: nameOf("family", family),
    datagram: isDatagram,
    // A Unix-domain socket without a path can still be bound.
    local: local === UNNAMED ? undefined : local,
    peer,
  };
}

const UNNAMED = "unix:(unnamed)";

function whoHasIt({ address, port }: SocketError, sock: OwnSocket): string | undefined {
  // listen() names no address: it is the one that the socket is bound to.
  const place = address === undefined || port === undefined ? placeOf(sock) : { address, port };
  // Port 0 is nobody's: no port was left that the system could have chosen.
  if (place === undefined || place.port === 0) return undefined;
  return whoHasPort({ ...place, datagram: sock.isDatagram, by: sock });
}

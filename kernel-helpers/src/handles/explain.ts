import { lstatSync } from "node:fs";
import { resolve } from "node:path";
import { clean } from "../bytes/clean";
import type { KnownSocket, SocketError } from "../errors";
import { SENTENCES } from "../errors/sentences";
import { nameOf } from "../facts";
import { pathIsListed } from "../inspection";
import type { OwnSocket } from "./open-socket";
import { placeOf, whoHasPort } from "./port-owner";
import { openHandles } from "./registry";
import { isFile } from "./socket-file";

/** The calls that want an address for their own socket: only theirs can be taken. */
const WANT_ADDRESS = new Set(["bind", "listen"]);

/** Says more about an error than its errno does, where the handle, the others and the system tell more. */
export function explain(error: SocketError, sock: OwnSocket): void {
  error.adviseFor(knownOf(sock));
  if (error.code === "EADDRINUSE" && WANT_ADDRESS.has(error.syscall)) {
    error.advice = (sock.isInternet ? whoHasIt(error, sock) : whoHasPath(error.address)) ?? error.advice;
  }
  if (error.code === "EMFILE") error.advice += SENTENCES.handlesOpen(`${openHandles().length}`);
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

/** Who or what has the path of a Unix-domain socket; undefined for a name that is no path, and when it is gone by now. */
function whoHasPath(address: string | undefined): string | undefined {
  if (address === undefined || /^(\0|$)/.test(address)) return undefined;
  const path = resolve(address);
  const shown = clean(path);
  const own = openHandles().find(({ file }) => file !== undefined && isFile(file, path));
  if (own !== undefined) return SENTENCES.pathOfHandle(shown, own.name);
  try {
    if (!lstatSync(path).isSocket()) return SENTENCES.pathOfFile(shown);
  } catch {
    return undefined;
  }
  return pathIsListed(path) ? SENTENCES.pathOfSocket(shown) : SENTENCES.pathLeft(shown);
}

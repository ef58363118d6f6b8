import { lstatSync } from "node:fs";
import { resolve } from "node:path";
import type { KnownSocket, SocketError } from "../errors";
import { SENTENCES } from "../errors/sentences";
import { nameOf } from "../facts";
import { pathIsListed } from "../inspection";
import type { Core } from "./core";
import { placeOf, whoHasPort } from "./port-owner";
import { openHandles } from "./registry";
import { isFile } from "./socket-file";

/** The calls that want an address for their own socket: only theirs can be taken. */
const WANT_ADDRESS = new Set(["bind", "listen"]);

/** Says more about an error than its errno does, where the handle, the others and the system tell more. */
export function explain(error: SocketError, core: Core): void {
  error.adviseFor(knownOf(core));
  if (error.code === "EADDRINUSE" && WANT_ADDRESS.has(error.syscall)) {
    error.advice = (core.isInternet ? whoHasIt(error, core) : whoHasPath(error.address)) ?? error.advice;
  }
  if (error.code === "EMFILE") error.advice += SENTENCES.handlesOpen(`${openHandles().length}`);
}

function knownOf({ family, isDatagram, local, peer }: Core): KnownSocket {
  return {
    family: nameOf("family", family),
    datagram: isDatagram,
    // A Unix-domain socket without a path can still be bound.
    local: local === UNNAMED ? undefined : local,
    peer,
  };
}

const UNNAMED = "unix:(unnamed)";

function whoHasIt({ address, port }: SocketError, core: Core): string | undefined {
  // listen() names no address: it is the one that the socket is bound to.
  const place = address === undefined || port === undefined ? placeOf(core) : { address, port };
  // Port 0 is nobody's: no port was left that the system could have chosen.
  if (place === undefined || place.port === 0) return undefined;
  return whoHasPort({ ...place, datagram: core.isDatagram, by: core });
}

/** Who or what has the path of a Unix-domain socket; undefined for a name that is no path, and when it is gone by now. */
function whoHasPath(address: string | undefined): string | undefined {
  if (address === undefined || /^(\0|$)/.test(address)) return undefined;
  const path = resolve(address);
  const own = openHandles().find(({ core: { file } }) => file !== undefined && isFile(file, path));
  if (own !== undefined) return SENTENCES.pathOfHandle(path, own.core.name);
  try {
    if (!lstatSync(path).isSocket()) return SENTENCES.pathOfFile(path);
  } catch {
    return undefined;
  }
  return pathIsListed(path) ? SENTENCES.pathOfSocket(path) : SENTENCES.pathLeft(path);
}

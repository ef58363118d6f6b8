import type { SocketError } from "../errors";
import type { OwnSocket } from "./open-socket";
import { placeOf, whoHasPort } from "./port-owner";
import { openHandles } from "./registry";

/** Says more about an error than its errno does, where the open handles and the system tell more. */
export function explain(error: SocketError, sock: OwnSocket): void {
  // The address of a connect is the other end's: it is not the one that is taken.
  if (error.code === "EADDRINUSE" && error.syscall !== "connect") error.advice = whoHasIt(error, sock);
  if (error.code === "EMFILE") error.advice += ` ${openHandles().length} handles are open.`;
}

function whoHasIt({ address, port }: SocketError, sock: OwnSocket): string {
  if (!sock.isInternet) return "The path exists already. Delete the file, or choose another path.";
  // listen() names no address: it is the one that the socket is bound to.
  const place = address === undefined || port === undefined ? placeOf(sock) : { address, port };
  if (place === undefined) return "The port is taken. Choose another one.";
  return whoHasPort({ ...place, datagram: sock.isDatagram, by: sock });
}

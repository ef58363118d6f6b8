import { formatSockaddr, type SocketAddress } from "../bytes";
import { getpeername, getsockname } from "../calls";
import { SocketError } from "../errors";
import { errno, nameOf } from "../facts";
import type { OwnSocket } from "./open-socket";

/** What the cell shows for a handle: its name, descriptor, kind and addresses as the system tells them now. */
export function describeHandle(sock: OwnSocket): string {
  const kind = `${nameOf("family", sock.family)} ${nameOf("type", sock.type)}`;
  if (sock.closed !== undefined) return `${sock.name}: fd ${sock.fd}, ${kind} [closed]`;
  const local = sock.quietly(() => textOf(() => getsockname(sock.fd)));
  const peer = sock.quietly(() => textOf(() => getpeername(sock.fd)));
  return `${sock.name}: fd ${sock.fd}, ${kind}, local ${local ?? "none"}, peer ${peer ?? "none"}`;
}

function textOf(ask: () => SocketAddress | undefined): string | undefined {
  try {
    const address = ask();
    return address === undefined ? undefined : formatSockaddr(address);
  } catch (error) {
    if (error instanceof SocketError)
      return error.errno === errno.EBADF ? "unknown (the descriptor is not open)" : undefined;
    throw error;
  }
}

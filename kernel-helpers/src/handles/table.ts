import { formatSockaddr, type SocketAddress } from "../bytes";
import { getpeername, getsockname } from "../calls";
import { SocketError } from "../errors";
import { nameOf } from "../facts";
import { inodeOf, type SocketRow, socketTable, tcpInfo } from "../inspection";
import { print } from "../trace";
import type { Core } from "./core";
import { openHandles } from "./registry";

const HEADER = ["handle", "fd", "type", "local", "peer", "state", "Recv-Q", "Send-Q"];

/**
 * Prints the open handles as a table: name, descriptor, addresses, state, and the bytes that wait in each queue, as the system tells them now.
 *
 * Recv-Q has arrived and was not received yet (for a listening socket: connections that wait to be accepted); Send-Q was sent and is not
 * acknowledged yet (for a listening socket: the backlog).
 *
 * @see man 8 ss, man 5 proc
 */
export function handles(): void {
  const system = new Map(socketTable().map((entry) => [entry.inode, entry]));
  const rows = openHandles().map(({ core }) => row(core, system.get(inodeOf(core.fd) ?? -1)));
  if (rows.length === 0) {
    print("No handle is open.");
    return;
  }
  const lines = [HEADER, ...rows];
  const widths = HEADER.map((_, column) => Math.max(...lines.map((cells) => [...(cells[column] ?? "")].length)));
  for (const cells of lines) {
    print(
      cells
        .map((cell, column) => cell + " ".repeat(widths[column]! - [...cell].length))
        .join("  ")
        .trimEnd(),
    );
  }
}

function row(core: Core, system: SocketRow | undefined): string[] {
  return core.quietly(() => {
    const info = core.isInternet && !core.isDatagram ? tcpInfo(core.fd) : undefined;
    return [
      core.name,
      String(core.fd),
      nameOf("type", core.type).replace("SOCK_", ""),
      shown(() => getsockname(core.fd)),
      shown(() => getpeername(core.fd)),
      info?.state ?? "",
      String(info?.acceptQueue ?? system?.receiveQueue ?? ""),
      String(info?.backlog ?? system?.sendQueue ?? ""),
    ];
  });
}

function shown(ask: () => SocketAddress | undefined): string {
  try {
    const address = ask();
    return address === undefined ? "" : formatSockaddr(address);
  } catch (error) {
    if (error instanceof SocketError) return "";
    throw error;
  }
}

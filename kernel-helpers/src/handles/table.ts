import { formatSockaddr, type SocketAddress } from "../bytes";
import { getpeername, getsockname } from "../calls";
import { SocketError } from "../errors";
import { constants, nameOf } from "../facts";
import { endText, inodeOf, type SocketRow, socketTable, tcpInfo } from "../inspection";
import { print } from "../trace";
import type { Core } from "./core";
import { otherProcesses } from "./other-process/known";
import type { HandleFacts } from "./other-process/messages";
import { networks } from "./other-process/networks";
import { openHandles } from "./registry";

const HEADER = ["handle", "fd", "type", "local", "peer", "state", "Recv-Q", "Send-Q"];
/** The last column, when the notebook has other processes. */
const PROCESS = "process";

/**
 * Prints the open handles as a table: name, descriptor, addresses, state, and the bytes that wait in each queue, as the system tells them now.
 *
 * Recv-Q has arrived and was not received yet (for a listening socket: connections that wait to be accepted); Send-Q was sent and is not
 * acknowledged yet (for a listening socket: the backlog). The handles of other processes of the notebook come last, with the process.
 *
 * @see man 8 ss, man 5 proc
 */
export function handles(): void {
  const rows = networks().flatMap(({ reader }) => socketTable(undefined, reader));
  const system = new Map(rows.map((entry) => [entry.inode, entry]));
  const own = openHandles().map(({ core }) => row(core, system.get(inodeOf(core.fd) ?? -1)));
  const theirs = otherProcesses().flatMap((process) =>
    process.openHandles().map((facts) => {
      const cells = remoteRow(facts, system.get(inodeOf(facts.fd, process.pid) ?? -1));
      return [...cells, `${process.name}, pid ${process.pid}`];
    }),
  );
  const all = [...own, ...theirs];
  if (all.length === 0) {
    print("No handle is open.");
    return;
  }
  const header = theirs.length === 0 ? HEADER : [...HEADER, PROCESS];
  const lines = [header, ...all];
  const widths = header.map((_, column) => Math.max(...lines.map((cells) => [...(cells[column] ?? "")].length)));
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

/** What the process has told, and the system's table where the socket is in it. */
function remoteRow({ name, fd, type, local, peer }: HandleFacts, system: SocketRow | undefined): string[] {
  const stream = type === constants.SOCK_STREAM;
  return [
    name,
    String(fd),
    nameOf("type", type).replace("SOCK_", ""),
    system === undefined ? (local ?? "") : endText(system.local),
    peer ?? "",
    stream ? (system?.state ?? "") : "",
    String(system?.receiveQueue ?? ""),
    String(system?.sendQueue ?? ""),
  ];
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

import { formatSockaddr, type SocketAddress } from "../bytes";
import { getpeername, getsockname } from "../calls";
import { SocketError } from "../errors";
import { constants, nameOf } from "../facts";
import type { Core } from "../handles/core";
import { openHandles } from "../handles/registry";
import { inodeOf, type SocketRow, socketTable, tcpInfo } from "../inspection";
import type { HtmlTable, SocketTableRow } from "../pictures/socket-table";
import { trace } from "../trace";
import { show } from "./display";
import { pictures } from "./lazy";

/** How many of the last calls say which ports are of interest. */
const RECENT = 500;
/** More rows than this are not shown: nobody reads them. */
const MOST = 100;

/**
 * Shows what the operating system says of the sockets now: those of the open handles with their queues, backlog and drops; those that no
 * handle has any more (TIME_WAIT); and those of other processes on the same ports.
 *
 * Recv-Q has arrived and was not received yet; Send-Q was sent and is not acknowledged yet; both in bytes.
 *
 * @see man 8 ss, man 5 proc
 */
export function sockets(): void {
  const { html, text } = socketsNow();
  show(html, text);
}

/**
 * The table of this moment.
 *
 * @internal
 */
export function socketsNow(): HtmlTable {
  const rows = socketTable();
  const own = openHandles().map(({ core }) => ({ core, inode: inodeOf(core.fd) }));
  const system = new Map(rows.filter(({ inode }) => inode !== 0).map((row) => [row.inode, row]));
  const ours = own.map(({ core, inode }) => core.quietly(() => handleRow(core, system.get(inode ?? -1))));
  const inodes = new Set(own.map(({ inode }) => inode));
  const ports = portsOfInterest();
  const others = rows
    .filter((row) => !inodes.has(row.inode) && (ports.has(row.local.port) || ports.has(row.peer.port)))
    .map(strangerRow);
  return pictures().socketTable([...ours, ...others].slice(0, MOST));
}

function handleRow(core: Core, row: SocketRow | undefined): SocketTableRow {
  const stream = core.type === constants.SOCK_STREAM;
  const info = core.isInternet && stream ? tcpInfo(core.fd) : undefined;
  const peer = ask(() => getpeername(core.fd));
  const listens = info?.state === "LISTEN";
  return {
    handle: core.name,
    fd: core.fd,
    protocol: protocolOf(core),
    local: ask(() => getsockname(core.fd)) ?? "",
    ...(peer === undefined ? {} : { peer }),
    ...(info === undefined ? {} : { state: info.state }),
    ...(row === undefined ? {} : { receiveQueue: row.receiveQueue, sendQueue: row.sendQueue }),
    ...(listens ? { backlog: { waiting: info.acceptQueue ?? 0, limit: info.backlog ?? 0 } } : {}),
    ...(row?.drops === undefined ? {} : { drops: row.drops }),
  };
}

function protocolOf(core: Core): string {
  if (!core.isInternet) return `unix ${nameOf("type", core.type).replace("SOCK_", "").toLowerCase()}`;
  return `${core.isDatagram ? "udp" : "tcp"}${core.family === constants.AF_INET6 ? "6" : ""}`;
}

function strangerRow(row: SocketRow): SocketTableRow {
  const end = ({ address, port }: { address: string; port: number }) =>
    formatSockaddr(
      address.includes(":")
        ? { family: "AF_INET6", address, port, flowinfo: 0, scopeId: 0 }
        : { family: "AF_INET", address, port },
    );
  return {
    protocol: row.protocol,
    local: end(row.local),
    peer: end(row.peer),
    state: row.state,
    receiveQueue: row.receiveQueue,
    sendQueue: row.sendQueue,
    ...(row.inode === 0 ? {} : { owner: "another process" }),
    ...(waitsForAccept(row) ? { note: "(waits to be accepted)" } : {}),
  };
}

/** A connection that is set up and that no process has yet: it stands in a listener's queue. */
function waitsForAccept(row: SocketRow): boolean {
  return row.inode === 0 && (row.state === "ESTABLISHED" || row.state === "CLOSE_WAIT");
}

/** The ports that the last calls had to do with. */
function portsOfInterest(): Set<number> {
  const texts = trace
    .steps()
    .slice(-RECENT)
    .flatMap(({ local, peer }) => [local, peer]);
  for (const { core } of openHandles()) texts.push(core.local, core.peer);
  const ports = texts.map((text) => Number(/:(\d+)$/.exec(text ?? "")?.[1] ?? 0));
  return new Set(ports.filter((port) => port > 0));
}

function ask(question: () => SocketAddress | undefined): string | undefined {
  try {
    const address = question();
    return address === undefined ? undefined : formatSockaddr(address);
  } catch (error) {
    if (error instanceof SocketError) return undefined;
    throw error;
  }
}

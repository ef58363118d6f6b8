import { formatSockaddr, type SocketAddress } from "../bytes";
import { getpeername, getsockname } from "../calls";
import { SocketError } from "../errors";
import { constants, nameOf } from "../facts";
import type { OwnSocket } from "../handles/open-socket";
import { openHandles } from "../handles/registry";
import { endText, inodeOf, type Owner, type SocketRow, socketOwners, socketTable, tcpInfo } from "../inspection";
import type { HtmlTable, SocketTableRow } from "../pictures/socket-table";
import type { HandleFacts } from "../processes/messages";
import { networkOfProcess, networks } from "../processes/networks";
import { type NotebookProcess, otherProcesses } from "../processes/notebook-process";
import { trace } from "../trace";
import { show } from "./display";
import { pictures } from "./lazy";

/** How many of the last calls say which ports are of interest. */
const RECENT = 500;
/** More rows than this are not shown: nobody reads them. */
const MOST = 100;

/**
 * Shows what the operating system says of the sockets now: those of the open handles, in other processes of the notebook too, with their
 * queues, backlog and drops; those that no handle has any more (TIME_WAIT), many of them in one line; and those of strangers on the same ports, with the number and
 * the name of the process where the system lets us see them. A process with a network of its own has a table of its own: its rows say so.
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
 * @param leftovers how many ends of connections that no handle has any more are rows of their own; see {@link socketTable}
 * @internal
 */
export function socketsNow(leftovers?: number): HtmlTable {
  const tables = networks().map(({ name, reader, title }) => ({ name, title, rows: socketTable(undefined, reader) }));
  const own = openHandles().map((sock) => ({ sock, inode: inodeOf(sock.fd) }));
  // The system numbers the sockets of all networks together; those without a process have no number.
  const all = tables.flatMap(({ rows }) => rows).filter(({ inode }) => inode !== 0);
  const system = new Map(all.map((row) => [row.inode, row]));
  const ours = own.map(({ sock, inode }) => sock.quietly(() => handleRow(sock, system.get(inode ?? -1))));
  const remote = otherProcesses().flatMap((process) => process.openHandles().map((facts) => remoteOf(process, facts)));
  const titles = new Map(tables.map(({ name, title }) => [name, title]));
  const theirs = remote.map(({ process, facts, inode }) => ({
    ...remoteRow(process, facts, system.get(inode ?? -1)),
    ...inNetwork(titles.get(process.network)),
  }));
  const inodes = new Set([...own, ...remote].map(({ inode }) => inode));
  const ports = portsOfInterest();
  const others = tables
    .flatMap(({ name, title, rows }) => {
      const here = ports.get(name) ?? new Map<number, number>();
      const found = rows.filter(
        ({ inode, local, peer }) => !inodes.has(inode) && (here.has(local.port) || here.has(peer.port)),
      );
      const lastNamed = ({ local, peer }: SocketRow) => Math.max(here.get(local.port) ?? -1, here.get(peer.port) ?? -1);
      // Many are left by earlier connections: the last ones first.
      return found.sort((a, b) => lastNamed(b) - lastNamed(a)).map((row) => ({ row, title }));
    })
    .slice(0, MOST);
  const owners = socketOwners(others.map(({ row }) => row.inode));
  const strangers = others.map(({ row, title }) => ({
    ...strangerRow(row, owners.get(row.inode)),
    ...inNetwork(title),
  }));
  return pictures().socketTable([...ours, ...theirs, ...strangers].slice(0, MOST), leftovers);
}

function inNetwork(title: string | undefined): { network?: string } {
  return title === undefined ? {} : { network: `of ${title}` };
}

function remoteOf(process: NotebookProcess, facts: HandleFacts) {
  return { process, facts, inode: inodeOf(facts.fd, process.pid) };
}

/** A handle of another process: what the system's table says of it, else what the process has told. */
function remoteRow(process: NotebookProcess, facts: HandleFacts, row: SocketRow | undefined): SocketTableRow {
  return {
    handle: facts.name,
    fd: facts.fd,
    owner: `${process.name}, pid ${process.pid}`,
    ...(row === undefined
      ? { protocol: protocolOf(facts), local: facts.local ?? "", ...(facts.peer && { peer: facts.peer }) }
      : systemRow(row)),
  };
}

function handleRow(sock: OwnSocket, row: SocketRow | undefined): SocketTableRow {
  const stream = sock.type === constants.SOCK_STREAM;
  const info = sock.isInternet && stream ? tcpInfo(sock.fd) : undefined;
  const peer = ask(() => getpeername(sock.fd));
  const listens = info?.state === "LISTEN";
  return {
    handle: sock.name,
    fd: sock.fd,
    protocol: protocolOf(sock),
    local: ask(() => getsockname(sock.fd)) ?? "",
    ...(peer === undefined ? {} : { peer }),
    ...(info === undefined ? {} : { state: info.state }),
    ...(row === undefined ? {} : { receiveQueue: row.receiveQueue, sendQueue: row.sendQueue }),
    ...(listens ? { backlog: { waiting: info.acceptQueue ?? 0, limit: info.backlog ?? 0 } } : {}),
    ...(row?.drops === undefined ? {} : { drops: row.drops }),
  };
}

function protocolOf({ family, type }: { family: number; type: number }): string {
  if (family !== constants.AF_INET && family !== constants.AF_INET6)
    return `unix ${nameOf("type", type).replace("SOCK_", "").toLowerCase()}`;
  return `${type === constants.SOCK_DGRAM ? "udp" : "tcp"}${family === constants.AF_INET6 ? "6" : ""}`;
}

/** What the table says of any socket. */
function systemRow(row: SocketRow) {
  const { protocol, local, peer, state, receiveQueue, sendQueue, drops } = row;
  return {
    protocol,
    local: endText(local),
    ...(peer.port === 0 ? {} : { peer: endText(peer) }),
    state,
    receiveQueue,
    sendQueue,
    ...(drops === undefined ? {} : { drops }),
  };
}

function strangerRow(row: SocketRow, owner: Owner | undefined): SocketTableRow {
  return {
    ...systemRow(row),
    ...(row.inode === 0
      ? {}
      : { owner: owner === undefined ? "another process" : `pid ${owner.pid} ${owner.command}` }),
    ...(waitsForAccept(row) ? { note: "(waits to be accepted)" } : {}),
  };
}

/** A connection that is set up and that no process has yet: it stands in a listener's queue. */
function waitsForAccept(row: SocketRow): boolean {
  return row.inode === 0 && (row.state === "ESTABLISHED" || row.state === "CLOSE_WAIT");
}

/** The ports that the last calls had to do with, each with the last call that had, by the network in which they are ports. */
function portsOfInterest(): Map<string | undefined, Map<number, number>> {
  const ends = trace.steps(RECENT).map(({ pid, local, peer }) => ({ pid, local, peer }));
  for (const sock of openHandles()) ends.push({ pid: process.pid, local: sock.local, peer: sock.peer });
  for (const process of otherProcesses()) {
    for (const { local, peer } of process.openHandles()) ends.push({ pid: process.pid, local, peer });
  }
  const ports = new Map<string | undefined, Map<number, number>>();
  for (const [index, { pid, local, peer }] of ends.entries()) {
    for (const text of [local, peer]) {
      const port = Number(/:(\d+)$/.exec(text ?? "")?.[1] ?? 0);
      const network = networkOfProcess(pid);
      if (port > 0) ports.set(network, (ports.get(network) ?? new Map<number, number>()).set(port, index));
    }
  }
  return ports;
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

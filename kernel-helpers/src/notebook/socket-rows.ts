import { formatSockaddr, type SocketAddress } from "../bytes";
import { getpeername, getsockname } from "../calls";
import { SocketError } from "../errors";
import { constants, nameOf } from "../facts";
import type { OwnSocket } from "../handles/open-socket";
import { openHandles } from "../handles/registry";
import { endText, historyOf, type Snapshot, type SocketRow, tcpInfo } from "../inspection";
import type { SocketTableRow } from "../pictures/table/sockets";
import type { HandleFacts } from "../processes/messages";
import type { Network } from "../processes/networks";
import { type NotebookProcess, otherProcesses } from "../processes/notebook-process";

/** The row of a handle: it has a name and a descriptor. */
export type HandleRow = SocketTableRow & Required<Pick<SocketTableRow, "handle" | "fd">>;

/**
 * What the system says of the open handles, oldest first, those of other processes last: what every table of them shows. Nearly all of it is
 * in the snapshot; only what is not there is asked of the sockets themselves.
 *
 * @param most no more rows than these
 */
export function handleRows(snapshot: Snapshot<Network>, most = Number.POSITIVE_INFINITY): HandleRow[] {
  const own = openHandles().slice(0, most);
  const rows = own.map((sock) => sock.quietly(() => ownRow(sock, snapshot)));
  const titles = new Map(snapshot.networks.map(({ name, title }) => [name, title]));
  for (const process of otherProcesses()) {
    const { name, pid, network } = process;
    for (const facts of process.openHandles().slice(0, most - rows.length)) {
      rows.push({
        ...theirRow(process, facts, snapshot),
        owner: `${name}, pid ${pid}`,
        ...inNetwork(titles.get(network)),
      });
    }
  }
  return rows;
}

/** Which network a row is in, if it is not the notebook's own. */
export function inNetwork(title: string | undefined): { network?: string } {
  return title === undefined ? {} : { network: `of ${title}` };
}

/** The row of the system's table that is a handle's, if it is there. */
function rowOf(snapshot: Snapshot<Network>, { family, type }: Kind, inode: number | undefined): SocketRow | undefined {
  return isInternet(family) ? snapshot.row(inode, type === constants.SOCK_DGRAM ? "udp" : "tcp") : undefined;
}

interface Kind {
  readonly family: number;
  readonly type: number;
}

function isInternet(family: number): boolean {
  return family === constants.AF_INET || family === constants.AF_INET6;
}

function ownRow(sock: OwnSocket, snapshot: Snapshot<Network>): HandleRow {
  const row = rowOf(snapshot, sock, snapshot.inodeOf(sock.fd));
  const about = { handle: sock.name, fd: sock.fd };
  // The table does not name the interface of a link-local address, and a listening socket's backlog stands nowhere but in TCP_INFO.
  if (row === undefined || row.local.address.startsWith("fe80:")) return { ...about, ...askedOf(sock) };
  const limit = row.state === "LISTEN" ? tcpInfo(sock.fd)?.backlog : undefined;
  return { ...about, ...systemRow(row, limit), protocol: protocolOf(sock) };
}

/** What the socket itself says: of a path, of one that is at most bound, and where the system has no table. */
function askedOf(sock: OwnSocket): Omit<SocketTableRow, "handle" | "fd"> {
  const info = sock.isInternet && sock.type === constants.SOCK_STREAM ? tcpInfo(sock.fd) : undefined;
  const peer = ask(() => getpeername(sock.fd));
  return {
    protocol: protocolOf(sock),
    local: ask(() => getsockname(sock.fd)) ?? "",
    ...(peer === undefined ? {} : { peer }),
    ...(info === undefined ? {} : { state: info.state }),
    ...(info?.state === "LISTEN" ? listening(info.acceptQueue ?? 0, info.backlog) : {}),
  };
}

/** A handle of another process: what the system's table says of it, else what the process has told. */
function theirRow({ pid }: NotebookProcess, facts: HandleFacts, snapshot: Snapshot<Network>): HandleRow {
  const { name: handle, fd, local = "", peer, backlog } = facts;
  const row = rowOf(snapshot, facts, snapshot.inodeOf(fd, pid));
  const protocol = protocolOf(facts);
  if (row !== undefined) return { handle, fd, ...systemRow(row, backlog), protocol };
  // One that is at most bound is in no table; that it is so was noted of the same snapshot.
  const state = historyOf(facts)?.states.at(-1)?.state;
  const more = { ...(peer === undefined ? {} : { peer }), ...(state === undefined ? {} : { state }) };
  return { handle, fd, protocol, local, ...more };
}

function protocolOf({ family, type }: Kind): string {
  if (!isInternet(family)) return `unix ${nameOf("type", type).replace("SOCK_", "").toLowerCase()}`;
  return `${type === constants.SOCK_DGRAM ? "udp" : "tcp"}${family === constants.AF_INET6 ? "6" : ""}`;
}

/**
 * What the table says of any socket. What it calls the state of a datagram socket is none: CLOSE without a default peer, ESTABLISHED with one.
 *
 * @param limit how many connections may wait, where it is known
 */
export function systemRow(row: SocketRow, limit?: number): SocketTableRow {
  const { protocol, local, peer, state, receiveQueue, sendQueue, drops } = row;
  return {
    protocol,
    local: endText(local),
    ...(peer.port === 0 ? {} : { peer: endText(peer) }),
    ...(protocol.startsWith("tcp") ? { state } : {}),
    sendQueue,
    ...(state === "LISTEN" ? listening(receiveQueue, limit) : { receiveQueue }),
    ...(drops === undefined ? {} : { drops }),
  };
}

/** A listening socket receives nothing: what waits there are connections. */
function listening(waiting: number, limit: number | undefined): Pick<SocketTableRow, "receiveQueue" | "backlog"> {
  return { receiveQueue: waiting, ...(limit === undefined ? {} : { backlog: { waiting, limit } }) };
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

import type { Drops, Queue } from "../conversation";
import { constants } from "../facts";
import { openHandles } from "../handles/registry";
import { type SharedAddress, type Snapshot, type SocketRow, sharedAddresses } from "../inspection";
import type { Network } from "../processes/networks";
import { otherProcesses } from "../processes/notebook-process";

/** An open handle, of this process or of another one. */
interface OpenHandle extends SharedAddress {
  readonly handle: string;
  readonly pid: number;
  /** What the system's table says of it: of a Unix-domain socket, and of one that is at most bound, nothing. */
  readonly row: SocketRow | undefined;
}

/**
 * What the system says of the queues to which others send, of the handles that are open here and in other processes: how much waits in them,
 * what was dropped because they were full or a filter refused it, and whether another socket has the address too.
 */
export function queues(snapshot: Snapshot<Network>): { drops: Drops[]; queues: Queue[] } {
  const open = [...own(snapshot), ...theirs(snapshot)];
  const shared = sharedAddresses(open, snapshot);
  const drops: Drops[] = [];
  const queues: Queue[] = [];
  for (const one of open) {
    const { handle, pid, row } = one;
    const dropped = row?.drops ?? 0;
    if (dropped > 0) drops.push({ handle, pid, count: dropped });
    const isShared = shared.has(one);
    // Of a connection it is the bytes that wait, which are followed one by one.
    const length = row?.drops !== undefined || row?.state === "LISTEN" ? row.receiveQueue : undefined;
    if (length === undefined && !isShared) continue;
    queues.push({ handle, pid, ...(length === undefined ? {} : { length }), ...(isShared ? { shared: true } : {}) });
  }
  return { drops, queues };
}

function own(snapshot: Snapshot<Network>): OpenHandle[] {
  return openHandles().map((sock) => openHandle(sock, process.pid, snapshot.inodeOf(sock.fd), snapshot));
}

function theirs(snapshot: Snapshot<Network>): OpenHandle[] {
  return otherProcesses().flatMap((process) => {
    const { pid } = process;
    return process.openHandles().map((facts) => openHandle(facts, pid, snapshot.inodeOf(facts.fd, pid), snapshot));
  });
}

/** What both kinds of handle tell of their socket. */
interface Facts {
  readonly name: string;
  readonly family: number;
  readonly type: number;
  readonly local: string | undefined;
}

function openHandle(
  { name, family, type, local }: Facts,
  pid: number,
  inode: number | undefined,
  snapshot: Snapshot<Network>,
): OpenHandle {
  const datagrams = type === constants.SOCK_DGRAM;
  const isInternet = family !== constants.AF_UNIX;
  const row = isInternet ? snapshot.row(inode, datagrams ? "udp" : "tcp") : undefined;
  // An abstract name is in the system's hands: no two sockets have it.
  const path = !isInternet && datagrams && local?.startsWith("unix:/") ? local.slice("unix:".length) : undefined;
  return { handle: name, pid, inode, row, path };
}

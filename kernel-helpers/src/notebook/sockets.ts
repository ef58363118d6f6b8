import { constants } from "../facts";
import { openHandles } from "../handles/registry";
import { endOf, type Owner, type Snapshot, type SocketRow, SocketsOfInterest, type Transport } from "../inspection";
import type { HtmlTable, SocketTableRow } from "../pictures/table/sockets";
import { type Network, networkOfProcess } from "../processes/networks";
import { otherProcesses } from "../processes/notebook-process";
import { type Step, steps } from "../trace";
import { show } from "./display";
import { pictures } from "./lazy";
import { takeSnapshot } from "./snapshot";
import { handleRows, inNetwork, systemRow } from "./socket-rows";
import { noteStates } from "./states";

/** How many of the last calls say which sockets are of interest. */
const RECENT = 500;
/** More handles than these are not shown, nor more rows in all unless too few were left for the others: nobody reads them. */
const MOST = 100;
const OTHERS = 20;

/**
 * Shows what the operating system says of the sockets now: those of the open handles, in other processes of the notebook too, with their
 * queues, backlog and drops; those that no handle has any more (TIME_WAIT), many of them in one line; and those of strangers that talk with
 * ours, or to which ours talk, with the number and the name of the process where the system lets us see them. A process with a network of
 * its own has a table of its own: its rows say so.
 *
 * Recv-Q has arrived and was not received yet; Send-Q was sent and is not acknowledged yet; both in bytes. For a listening socket Recv-Q
 * counts the connections that wait to be accepted.
 *
 * Manual: man 8 ss, man 5 proc.
 *
 * @throws Errors: none
 */
export function sockets(): void {
  const snapshot = takeSnapshot();
  // What is printed here is part of what states() and the ladder tell.
  noteStates(snapshot);
  const { html, text } = tableOf(snapshot);
  show(html, text);
}

/**
 * The table of a snapshot.
 *
 * @param leftovers how many ends of connections that no handle has any more are rows of their own; see {@link tableOfSockets}
 * @internal
 */
export function tableOf(snapshot: Snapshot<Network>, leftovers?: number): HtmlTable {
  const ours = handleRows(snapshot, MOST);
  const all = othersIn(snapshot);
  const others = all.slice(0, Math.max(OTHERS, MOST - ours.length));
  const owners = snapshot.owners(others.map(({ row }) => row.inode));
  const rows = others.map(({ row, title }) => ({
    ...strangerRow(row, owners.get(row.inode)),
    ...inNetwork(title),
  }));
  const table = pictures().tableOfSockets([...ours, ...rows], leftovers);
  const hidden = handleCount() - ours.length + all.length - others.length;
  if (hidden === 0) return table;
  const more = `${hidden} more ${hidden === 1 ? "socket is" : "sockets are"} not shown; handles() prints every handle.`;
  return { html: `${table.html}<div style="font-size:11px">${more}</div>`, text: `${table.text}\n${more}` };
}

function handleCount(): number {
  return otherProcesses().reduce((sum, process) => sum + process.openHandles().length, openHandles().length);
}

/** The sockets of no handle that have to do with those of handles. Many are left by earlier connections: the last ones first. */
function othersIn(snapshot: Snapshot<Network>): { row: SocketRow; title: string | undefined }[] {
  const own = openHandles().map((sock) => snapshot.inodeOf(sock.fd));
  const theirs = otherProcesses().flatMap((process) =>
    process.openHandles().map(({ fd }) => snapshot.inodeOf(fd, process.pid)),
  );
  const ofHandles = new Set([...own, ...theirs]);
  const interest = interestIn();
  return snapshot.networks.flatMap((network) => {
    const here = interest.get(network.name);
    if (here === undefined) return [];
    const rows = TRANSPORTS.flatMap((transport) => snapshot.table(network, transport).rows ?? []);
    return rows
      .flatMap((row) => {
        const last = ofHandles.has(row.inode) ? undefined : here.lastNamed(row);
        return last === undefined ? [] : [{ row, last, title: network.title }];
      })
      .sort((a, b) => b.last - a.last);
  });
}

const TRANSPORTS: readonly Transport[] = ["tcp", "udp"];

/** What the last calls and the open handles had to do with, by the network in which their addresses are addresses. */
function interestIn(): Map<string | undefined, SocketsOfInterest> {
  const found = new Map<string | undefined, SocketsOfInterest>();
  const add = (pid: number, transport: Transport | undefined, local?: string, peer?: string, open = false): void => {
    const network = networkOfProcess(pid);
    const interest = found.get(network) ?? new SocketsOfInterest();
    found.set(network, interest);
    interest.add({ transport, local: endOf(local), peer: endOf(peer), open });
  };
  for (const step of steps(RECENT)) {
    if (step.local !== undefined || step.peer !== undefined)
      add(step.pid, transportOfStep(step), step.local, step.peer);
  }
  for (const sock of openHandles()) {
    if (sock.isInternet) add(process.pid, transportOf(sock), sock.local ?? sock.listener?.local, sock.peer, true);
  }
  for (const { pid, ...other } of otherProcesses().map((other) => ({ pid: other.pid, open: other.openHandles() }))) {
    for (const facts of other.open)
      if (facts.family !== constants.AF_UNIX)
        add(pid, transportOf(facts), facts.local ?? facts.listener?.local, facts.peer, true);
  }
  return found;
}

function transportOf({ type }: { type: number }): Transport {
  return type === constants.SOCK_DGRAM ? "udp" : "tcp";
}

/** Of most calls only the socket says it. */
function transportOfStep({ name }: Step): Transport | undefined {
  if (name === "listen" || name === "accept") return "tcp";
  return name === "sendto" || name === "recvfrom" ? "udp" : undefined;
}

function strangerRow(row: SocketRow, owner: Owner | undefined): SocketTableRow {
  return {
    ...systemRow(row),
    ...(row.inode === 0 ? {} : ownerOf(owner)),
    ...(waitsForAccept(row) ? { note: "(waits to be accepted)" } : {}),
  };
}

/** Who has a socket. One of ours without a handle was opened by its number, with `calls`, or by Node. */
function ownerOf(owner: Owner | undefined): Pick<SocketTableRow, "owner" | "note" | "fd"> {
  if (owner === undefined) return { owner: "another process" };
  const { pid, command, fd } = owner;
  if (pid === process.pid) return { owner: "this notebook", note: "(without a handle)", fd };
  const other = otherProcesses().find((process) => process.pid === pid);
  if (other !== undefined) return { owner: `${other.name}, pid ${pid}`, note: "(without a handle)", fd };
  return { owner: `pid ${pid} ${command}` };
}

/** A connection that is set up and that no process has yet: it stands in a listener's queue. */
function waitsForAccept(row: SocketRow): boolean {
  return row.inode === 0 && (row.state === "ESTABLISHED" || row.state === "CLOSE_WAIT");
}

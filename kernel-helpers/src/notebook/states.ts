import { insideKernel } from "../cells";
import { constants } from "../facts";
import type { OwnSocket } from "../handles/open-socket";
import { openHandles } from "../handles/registry";
import {
  closedHandles,
  type Ends,
  endOf,
  forgetHandle,
  type History,
  historyOf,
  inodeOf,
  lookAfterSteps,
  noteState,
  type Snapshot,
  stateOf,
  type TcpHandle,
  tellStates,
} from "../inspection";
import type { HandleFacts } from "../processes/messages";
import { type Network, ownNetwork } from "../processes/networks";
import { type NotebookProcess, otherProcesses } from "../processes/notebook-process";
import { takeSnapshot } from "./snapshot";

/**
 * Looks at the states after every step, here and in the other processes, as the system tells them. Inside a kernel only: a plain program
 * draws no ladders.
 */
export function followStates(): void {
  tellStates((socket, state, at) => {
    noteState(socket, state, at, { pid: process.pid, network: ownNetwork(), inode: inodeOf(socket.fd) });
  });
  if (insideKernel()) lookAfterSteps(askOthers);
}

/** The processes whose steps the others have not been asked about. */
let steppers: Set<number> | undefined;

/** What one process does changes the states of its peers' sockets: they look too, once for all steps of one turn of the event loop. */
function askOthers(pid: number): void {
  if (steppers === undefined) {
    steppers = new Set();
    setImmediate(() => {
      const [first, ...more] = steppers ?? [];
      steppers = undefined;
      for (const process of otherProcesses()) {
        if ((more.length > 0 || process.pid !== first) && process.openHandles().some(isTcp)) process.look();
      }
    });
  }
  steppers.add(pid);
}

/**
 * Notes the states of every TCP handle that a snapshot shows, also of those that were closed, or whose process has ended, and whose
 * connection the system still keeps (TIME_WAIT).
 *
 * @param asked a handle that somebody wants to know of, in any case
 */
export function noteStates(snapshot: Snapshot<Network>, asked?: TcpHandle): void {
  const own = openHandles().flatMap((sock) => (sock.isInternet && isTcp(sock) ? [sock] : []));
  const theirs = otherProcesses().map((process) => ({ process, open: process.openHandles().filter(isTcp) }));
  const history = asked?.closed ? historyOf(asked) : undefined;
  const closed = new Set([...closedHandles(), ...(history === undefined ? [] : [history])]);
  for (const network of snapshot.networks) {
    if (network.name === ownNetwork()) for (const sock of own) noteOwn(sock, snapshot, network);
    for (const { process, open } of theirs) {
      if (process.network === network.name) for (const facts of open) noteTheirs(process, facts, snapshot, network);
    }
    for (const history of closed) if (history.network === network.name) noteClosed(history, snapshot, network);
  }
  // With its last process a network has gone, and with it every connection in it.
  const live = new Set(snapshot.networks.map(({ name }) => name));
  for (const history of closed) if (!live.has(history.network)) gone(history, performance.now());
}

/** A handle of this process. One without a row is asked itself, unless it had none before: it is at most bound. */
function noteOwn(sock: OwnSocket, snapshot: Snapshot<Network>, network: Network): void {
  const inode = snapshot.inodeOf(sock.fd);
  const { at, rows } = snapshot.table(network, "tcp");
  const row = snapshot.connections(network).ofInode(inode);
  const unchanged = rows !== undefined && row === undefined && historyOf(sock)?.states.at(-1)?.state === "CLOSE";
  const history = noteState(sock, row?.state ?? (unchanged ? "CLOSE" : stateOf(sock)), at, {
    pid: process.pid,
    network: network.name,
    inode,
  });
  history.ends = row ?? history.ends;
}

/** Another process's open handle. It may stand still, or not have looked since its peer did something: the table tells. */
function noteTheirs({ pid }: NotebookProcess, facts: HandleFacts, snapshot: Snapshot<Network>, network: Network): void {
  const inode = snapshot.inodeOf(facts.fd, pid);
  if (inode === undefined) return;
  const { at, rows } = snapshot.table(network, "tcp");
  if (rows === undefined) return;
  const row = snapshot.connections(network).ofInode(inode);
  // Without a row it is at most bound: the table has only those that listen or have a connection.
  const history = noteState(facts, row?.state ?? "CLOSE", at, { pid, network: network.name, inode });
  history.ends = row ?? history.ends;
}

/** One that only the table tells of, because it has no descriptor any more. */
function noteClosed(history: History, snapshot: Snapshot<Network>, network: Network): void {
  const { handle, inode, pid } = history;
  const { at, rows } = snapshot.table(network, "tcp");
  if (rows === undefined) return;
  const connections = snapshot.connections(network);
  const ends = history.ends ?? endsOf(handle);
  // It has its inode still if another descriptor leads to it.
  const row = connections.ofInode(inode) ?? (ends && connections.leftOf(ends));
  if (row === undefined) gone(history, at);
  else noteState(handle, row.state, at, { pid, network: network.name, inode });
}

function gone(history: History, at: number): void {
  const { handle, pid, network, inode } = history;
  noteState(handle, "CLOSE", at, { pid, network, inode });
  forgetHandle(handle);
}

/** What the handle itself knows of its ends. */
function endsOf({ local, peer, listener }: TcpHandle): Ends | undefined {
  const [here, there] = [endOf(local ?? listener?.local), endOf(peer)];
  return here && there && { local: here, peer: there };
}

function isTcp({ family, type }: { family: number; type: number }): boolean {
  return (family === constants.AF_INET || family === constants.AF_INET6) && type === constants.SOCK_STREAM;
}

/** The states in which the system has shown this handle, in order. */
export function statesSoFar(handle: TcpHandle): string[] {
  noteStates(takeSnapshot(), handle);
  return historyOf(handle)?.states.map(({ state }) => state) ?? [];
}

import { insideKernel } from "../cells";
import { constants } from "../facts";
import { parsePlace } from "../handles/port-owner";
import {
  followed,
  forgetHandle,
  noteState,
  type Sightings,
  sightingsOf,
  type TcpHandle,
} from "../handles/tcp-states/seen";
import { lookAtOpen, tellStates, watchStates } from "../handles/tcp-states/watch";
import { Connections, type Ends, inodeOf } from "../inspection";
import type { HandleFacts } from "../processes/messages";
import { networks, ownNetwork } from "../processes/networks";
import { type NotebookProcess, otherProcesses } from "../processes/notebook-process";

/**
 * Looks at the states after every step, here and in the other processes, as the system tells them. Inside a kernel only: a plain program
 * draws no ladders.
 */
export function followStates(): void {
  tellStates((sock, state, at) => {
    noteState(sock, state, at, { pid: process.pid, network: ownNetwork(), inode: inodeOf(sock.fd) });
  });
  if (insideKernel()) watchStates(askOthers);
}

let asking: Set<NotebookProcess> | undefined;

/** What one process does changes the states of its peers' sockets: they look too, once for all steps of one turn of the event loop. */
function askOthers(pid: number): void {
  const others = otherProcesses().filter((process) => process.pid !== pid && process.openHandles().some(isTcp));
  if (others.length === 0) return;
  if (asking === undefined) {
    asking = new Set();
    setImmediate(() => {
      for (const process of asking ?? []) process.look();
      asking = undefined;
    });
  }
  for (const process of others) asking.add(process);
}

/**
 * Finds out the states of every TCP handle, also of those that were closed, or whose process has ended, and whose connection the system
 * still keeps (TIME_WAIT). That takes the system's whole table, which is slow to read (measured 30 ms on a machine with a large hash
 * table): for pictures, not for steps.
 */
export function lookAtStates(): void {
  lookAtOpen();
  const wanted = followed().filter(
    ({ handle, ends, states }) => handle.closed || (ends === undefined && states.length > 1),
  );
  const remote = otherProcesses().map((process) => ({ process, open: process.openHandles().filter(isTcp) }));
  const live = new Set<string | undefined>();
  for (const { name, reader } of networks()) {
    live.add(name);
    const here = wanted.filter(({ network }) => network === name);
    const there = remote.filter(({ process, open }) => process.network === name && open.length > 0);
    if (here.length === 0 && there.length === 0) continue;
    const at = performance.now();
    const table = Connections.read(reader);
    for (const { process, open } of there) for (const facts of open) lookAtRemote(process, facts, table, at);
    for (const sightings of here) lookAtOne(sightings, table, at);
  }
  // With its last process a network has gone, and with it every connection in it.
  for (const sightings of wanted) if (!live.has(sightings.network)) gone(sightings, performance.now());
}

/** Another process's open handle. It may stand still, or not have looked since its peer did something: the table tells. */
function lookAtRemote({ pid, network }: NotebookProcess, facts: HandleFacts, table: Connections, at: number): void {
  const inode = inodeOf(facts.fd, pid);
  if (inode === undefined) return;
  const row = table.ofInode(inode);
  // Without a row it is at most bound: the table has only those that listen or have a connection.
  const sightings = noteState(facts, row?.state ?? "CLOSE", at, { pid, network, inode });
  sightings.ends = row ?? sightings.ends;
}

/** One that only the table tells of, because it has no descriptor any more; and the two ends of an open one, for later. */
function lookAtOne(sightings: Sightings, table: Connections, at: number): void {
  const { handle, inode, pid, network } = sightings;
  const open = table.ofInode(inode);
  sightings.ends = open ?? sightings.ends;
  if (!handle.closed) return;
  const ends = sightings.ends ?? endsOf(handle);
  // It has its inode still if another descriptor leads to it.
  const row = open ?? (ends && table.leftOf(ends));
  if (row === undefined) gone(sightings, at);
  else noteState(handle, row.state, at, { pid, network, inode });
}

function gone(sightings: Sightings, at: number): void {
  const { handle, pid, network, inode } = sightings;
  noteState(handle, "CLOSE", at, { pid, network, inode });
  forgetHandle(handle);
}

/** What the handle itself knows of its ends. */
function endsOf({ local, peer, listener }: TcpHandle): Ends | undefined {
  const [here, there] = [parsePlace(local ?? listener?.local), parsePlace(peer)];
  return here && there && { local: here, peer: there };
}

function isTcp({ family, type }: HandleFacts): boolean {
  return (family === constants.AF_INET || family === constants.AF_INET6) && type === constants.SOCK_STREAM;
}

/** The states in which the system has shown this handle, in order. */
export function pathOf(handle: TcpHandle): string[] {
  lookAtStates();
  return sightingsOf(handle)?.states.map(({ state }) => state) ?? [];
}

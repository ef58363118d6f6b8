import { formatSockaddr, type SocketAddress } from "../bytes";
import { getpeername, getsockname } from "../calls";
import { SocketError } from "../errors";
import { constants, nameOf } from "../facts";
import type { OwnSocket } from "../handles/open-socket";
import { openHandles } from "../handles/registry";
import { endText, inodeOf, type SocketRow, socketTable, tcpInfo } from "../inspection";
import type { HandleFacts } from "../processes/messages";
import { networks } from "../processes/networks";
import { otherProcesses } from "../processes/notebook-process";
import { print } from "../trace";

const HEADER: Line = {
  handle: "handle",
  fd: "fd",
  local: "local / peer",
  state: "state",
  received: "Recv-Q",
  sent: "Send-Q",
};

/** The widths of the columns, the same in every table: with longer names and addresses the rest of the row stands in the next line. */
const HANDLE = 12;
const LOCAL = 15;
const STATE = 11;
const GAP = "  ";

/** A handle's row, and what stands below it. */
interface Line {
  handle: string;
  fd: string;
  local: string;
  state: string;
  received: string;
  sent: string;
  /** Below the local address. */
  peer?: string;
  /** Below the handle: the process that has it. */
  process?: string;
}

/**
 * Prints the open handles as a table: name, descriptor, its own address above its peer's, the state (or the type, of a socket without one),
 * and the bytes that wait in each queue, as the system tells them now.
 *
 * Recv-Q has arrived and was not received yet (for a listening socket: connections that wait to be accepted); Send-Q was sent and is not
 * acknowledged yet (for a listening socket: the backlog). The handles of other processes of the notebook come last, with the process.
 *
 * @see man 8 ss, man 5 proc
 */
export function handles(): void {
  const rows = networks().flatMap(({ reader }) => socketTable(undefined, reader));
  const system = new Map(rows.map((entry) => [entry.inode, entry]));
  const own = openHandles().map((sock) => row(sock, system.get(inodeOf(sock.fd) ?? -1)));
  const theirs = otherProcesses().flatMap((process) =>
    process.openHandles().map((facts) => ({
      ...rowElsewhere(facts, system.get(inodeOf(facts.fd, process.pid) ?? -1)),
      process: `in ${process.name}, pid ${process.pid}`,
    })),
  );
  const all = [...own, ...theirs];
  if (all.length === 0) {
    print("No handle is open.");
    return;
  }
  const fd = Math.max(...[HEADER, ...all].map((line) => line.fd.length));
  for (const line of [HEADER, ...all]) for (const text of linesOf(line, fd)) print(text);
}

/** The row of a handle, in 64 columns: half a window of 1366 pixels shows 67. */
function linesOf({ handle, fd, local, peer, process, state, received, sent }: Line, fdWidth: number): string[] {
  const numbers = [state.padEnd(STATE), received.padStart(6), sent.padStart(6)].join(GAP);
  const indent = " ".repeat(HANDLE + GAP.length + fdWidth + GAP.length);
  const lines: string[] = [];
  if ([...handle].length > HANDLE) lines.push(handle);
  const name = lines.length === 0 ? pad(handle, HANDLE) : " ".repeat(HANDLE);
  const start = [name, fd.padStart(fdWidth), local].join(GAP);
  if (local.length > LOCAL) lines.push(start, indent + " ".repeat(LOCAL) + GAP + numbers);
  else lines.push(pad(start, indent.length + LOCAL) + GAP + numbers);
  if (peer !== undefined && peer !== "") lines.push(`${indent.slice(2)}↔ ${peer}`);
  if (process !== undefined) lines.push(`  ${process}`);
  return lines.map((line) => line.trimEnd());
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - [...text].length));
}

function row(sock: OwnSocket, system: SocketRow | undefined): Line {
  return sock.quietly(() => {
    const info = sock.isInternet && !sock.isDatagram ? tcpInfo(sock.fd) : undefined;
    return {
      handle: sock.name,
      fd: String(sock.fd),
      local: shown(() => getsockname(sock.fd)),
      peer: shown(() => getpeername(sock.fd)),
      state: info?.state ?? typeOf(sock.type),
      received: String(info?.acceptQueue ?? system?.receiveQueue ?? ""),
      sent: String(info?.backlog ?? system?.sendQueue ?? ""),
    };
  });
}

/** What the process has told, and the system's table where the socket is in it. */
function rowElsewhere({ name, fd, type, local, peer }: HandleFacts, system: SocketRow | undefined): Line {
  return {
    handle: name,
    fd: String(fd),
    local: system === undefined ? (local ?? "") : endText(system.local),
    peer: peer ?? "",
    state: type === constants.SOCK_STREAM ? (system?.state ?? typeOf(type)) : typeOf(type),
    received: String(system?.receiveQueue ?? ""),
    sent: String(system?.sendQueue ?? ""),
  };
}

/** "STREAM", "DGRAM": of a socket that has no state. */
function typeOf(type: number): string {
  return nameOf("type", type).replace("SOCK_", "");
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

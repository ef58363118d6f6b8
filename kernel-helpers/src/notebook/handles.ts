import { print } from "../trace";
import { takeSnapshot } from "./snapshot";
import { type HandleRow, handleRows } from "./socket-rows";
import { noteStates } from "./states";

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
  /** Below the local address: the peer, or what the row of {@link sockets} has in columns of their own. */
  below?: string;
  /** Below the handle: the process that has it, and its network. */
  process?: string;
}

/**
 * Prints the open handles as a table: name, descriptor, its own address above its peer's, the state (or the type, of a socket without one),
 * and what waits in each queue, as the system tells them now. They are the same rows as those of `sockets()`, for every handle.
 *
 * Recv-Q has arrived and was not received yet (for a listening socket: connections that wait to be accepted); Send-Q was sent and is not
 * acknowledged yet; both in bytes. Below a listening socket stands its backlog, below a datagram socket what was dropped. The handles of other
 * processes of the notebook come last, with the process.
 *
 * Manual: man 8 ss, man 5 proc.
 *
 * @throws Errors: none
 */
export function handles(): void {
  const snapshot = takeSnapshot();
  // What is printed here is part of what states() and the ladder tell.
  noteStates(snapshot);
  const all = handleRows(snapshot).map(lineOf);
  if (all.length === 0) {
    print("No handle is open.");
    return;
  }
  const fd = Math.max(...[HEADER, ...all].map((line) => line.fd.length));
  for (const line of [HEADER, ...all]) for (const text of linesOf(line, fd)) print(text);
}

function lineOf(row: HandleRow): Line {
  const { handle, fd, protocol, local, peer, state, receiveQueue = "", sendQueue = "", owner, network } = row;
  const { backlog, drops = 0 } = row;
  const below = [
    ...(peer === undefined ? [] : [`↔ ${peer}`]),
    ...(backlog === undefined ? [] : [`backlog ${backlog.waiting} of ${backlog.limit}`]),
    ...(drops === 0 ? [] : [`drops ${drops}`]),
  ];
  return {
    handle,
    fd: String(fd),
    local,
    state: state ?? TYPES[protocol.replace("6", "")] ?? protocol,
    received: String(receiveQueue),
    sent: String(sendQueue),
    below: below.join("  "),
    ...(owner === undefined ? {} : { process: `in ${owner}${network === undefined ? "" : `, network ${network}`}` }),
  };
}

/** What stands in the place of a state that there is not. */
const TYPES: Readonly<Record<string, string>> = {
  tcp: "STREAM",
  udp: "DGRAM",
  "unix stream": "STREAM",
  "unix dgram": "DGRAM",
};

/** The row of a handle, in 64 columns: half a window of 1366 pixels shows 67. */
function linesOf({ handle, fd, local, below, process, state, received, sent }: Line, fdWidth: number): string[] {
  const numbers = [state.padEnd(STATE), received.padStart(6), sent.padStart(6)].join(GAP);
  const indent = " ".repeat(HANDLE + GAP.length + fdWidth + GAP.length);
  const lines: string[] = [];
  if ([...handle].length > HANDLE) lines.push(handle);
  const name = lines.length === 0 ? pad(handle, HANDLE) : " ".repeat(HANDLE);
  const start = [name, fd.padStart(fdWidth), local].join(GAP);
  if (local.length > LOCAL) lines.push(start, indent + " ".repeat(LOCAL) + GAP + numbers);
  else lines.push(pad(start, indent.length + LOCAL) + GAP + numbers);
  if (below !== undefined && below !== "") lines.push(`${indent.slice(2)}${below}`);
  if (process !== undefined) lines.push(`  ${process}`);
  return lines.map((line) => line.trimEnd());
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - [...text].length));
}

import { conflict } from "./conflict";
import { type Owner, ownersOf } from "./owners";
import { type SocketRow, socketTable } from "./socket-table";

/** A port that somebody wanted to bind, and could not. */
export interface WantedPort {
  address: string;
  port: number;
  datagram: boolean;
  /** The process that wanted it; this one, unless told. Others can have the same port in other networks. */
  pid?: number;
}

/** What the system tells of who has it. */
export type PortHolder =
  /** A process that we may look at. */
  | { kind: "process"; owner: Owner; state: string }
  /** One that could not be found among those that we may look at. */
  | { kind: "hidden"; uid: number; state: string }
  /** A closed connection whose port is kept for a minute. */
  | { kind: "time-wait" }
  /** A connection that no process has any more, and that has not come to its end. */
  | { kind: "closing"; state: string }
  /** Not in the table: a TCP socket that is bound and does not listen is not in it. */
  | { kind: "unlisted" }
  /** The system shows no such table, or a table in which every socket with a port is, and not this one: it was closed meanwhile. */
  | { kind: "unknown" };

/** @param rows the system's table, if it shows one, or what of it can be meant; @param find finds the processes: both are the system's own unless told */
export function portHolder(
  wanted: WantedPort,
  rows: readonly SocketRow[] | undefined = socketTable(wanted.datagram ? "udp" : "tcp", wanted.pid),
  find: (inodes: number[]) => Map<number, Owner> = ownersOf,
): PortHolder {
  if (rows === undefined) return { kind: "unknown" };
  const rivals = rows
    .filter(({ local }) => local.port === wanted.port && conflict(local.address, wanted.address))
    .sort((a, b) => rank(a) - rank(b) || doubt(a, wanted) - doubt(b, wanted));
  const row = rivals[0];
  if (row === undefined) return { kind: wanted.datagram ? "unknown" : "unlisted" };
  if (row.state === "TIME_WAIT") return { kind: "time-wait" };
  if (row.inode === 0) return { kind: "closing", state: row.state };
  const owner = find([row.inode]).get(row.inode);
  const { state, uid } = row;
  return owner === undefined ? { kind: "hidden", uid, state } : { kind: "process", owner, state };
}

/** [::] and IPv4 exclude each other, unless the one has IPV6_V6ONLY, which the table does not tell. */
function doubt({ local }: SocketRow, { address }: WantedPort): number {
  return local.address.includes(":") === address.includes(":") ? 0 : 1;
}

/** Whoever listens first, then who has a connection, then what is left of connections. */
function rank({ state, inode }: SocketRow): number {
  if (state === "LISTEN") return 0;
  if (inode !== 0) return 1;
  return state === "TIME_WAIT" ? 2 : 3;
}

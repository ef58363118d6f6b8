import { type Owner, ownersOf } from "./owners";
import { type SocketRow, socketTable, tableIsThere } from "./socket-table";

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
  /** One that we may not look at: another user's. */
  | { kind: "hidden"; uid: number; state: string }
  /** A closed connection whose port is kept for a minute. */
  | { kind: "time-wait" }
  /** A connection that no process has any more, and that has not come to its end. */
  | { kind: "closing"; state: string }
  /** Nothing in the table: a TCP socket that is bound and does not listen is not in it. */
  | { kind: "unlisted" }
  /** The system has no such table. */
  | { kind: "unknown" };

/** @param rows the system's table; @param find finds the processes: both are the system's own unless told */
export function portHolder(
  wanted: WantedPort,
  rows = socketTable(wanted.datagram ? ["udp", "udp6"] : ["tcp", "tcp6"], wanted.pid),
  find: (inodes: number[]) => Map<number, Owner> = ownersOf,
): PortHolder {
  if (rows.length === 0 && !tableIsThere(wanted.pid)) return { kind: "unknown" };
  const rivals = rows
    .filter(({ local }) => local.port === wanted.port && conflict(local.address, wanted.address))
    .sort((a, b) => rank(a) - rank(b));
  const row = rivals[0];
  if (row === undefined) return { kind: "unlisted" };
  if (row.state === "TIME_WAIT") return { kind: "time-wait" };
  if (row.inode === 0) return { kind: "closing", state: row.state };
  const owner = find([row.inode]).get(row.inode);
  const { state, uid } = row;
  return owner === undefined ? { kind: "hidden", uid, state } : { kind: "process", owner, state };
}

/** Whoever listens first, then who has a connection, then what is left of connections. */
function rank({ state, inode }: SocketRow): number {
  if (state === "LISTEN") return 0;
  if (inode !== 0) return 1;
  return state === "TIME_WAIT" ? 2 : 3;
}

/** Whether two sockets with these addresses cannot have the same port. */
export function conflict(one: string, other: string): boolean {
  const [a, b] = [plain(one), plain(other)];
  // [::] takes IPv4 too, unless IPV6_V6ONLY is set: the table does not tell.
  if (a === b || a === "::" || b === "::") return true;
  if (a.includes(":") || b.includes(":")) return false;
  return a === "0.0.0.0" || b === "0.0.0.0";
}

/** An IPv4 address in IPv6 form is the IPv4 address. */
function plain(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
}

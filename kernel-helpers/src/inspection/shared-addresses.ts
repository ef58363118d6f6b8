import { conflict } from "./conflict";
import type { ReadableNetwork, Snapshot } from "./snapshot";
import type { SocketRow } from "./socket-table";
import { pathsInUse } from "./unix-paths";

/** A socket of the notebook. */
export interface SharedAddress {
  readonly inode: number | undefined;
  /** Its row in the system's table of internet sockets. */
  readonly row: SocketRow | undefined;
  /** The path that it was bound to, for datagrams. */
  readonly path: string | undefined;
}

/**
 * Those of some sockets whose address another socket has too, which is none of them: with SO_REUSEADDR or SO_REUSEPORT in another program, or at
 * a path that was bound again. What is sent there can arrive at that one.
 */
export function sharedAddresses<S extends SharedAddress, N extends ReadableNetwork>(
  sockets: readonly S[],
  snapshot: Snapshot<N>,
): Set<S> {
  const ours = new Set(sockets.map(({ inode }) => inode));
  const found = new Set<S>();
  const waiting = sockets.filter(({ row }) => row !== undefined && takesFromEverybody(row));
  const ports = new Set(waiting.map(({ row }) => row!.local.port));
  for (const transport of ["tcp", "udp"] as const) {
    const concerned = waiting.filter(({ row }) => row!.protocol.startsWith(transport));
    if (concerned.length === 0) continue;
    for (const network of snapshot.networks) {
      const rows = snapshot.table(network, transport).rows ?? [];
      const mine = new Set(rows.filter(({ inode }) => inode !== 0 && ours.has(inode)));
      const others = rows.filter((row) => ports.has(row.local.port) && !mine.has(row) && takesFromEverybody(row));
      if (others.length === 0) continue;
      for (const one of concerned)
        if (mine.has(one.row!) && others.some((other) => takes(other, one.row!))) found.add(one);
    }
  }
  const bound = sockets.filter(({ path }) => path !== undefined);
  if (bound.length === 0) return found;
  const others = pathsInUse(snapshot.files).filter(({ inode, datagrams }) => datagrams && !ours.has(inode));
  for (const one of bound) if (others.some(({ path }) => path === one.path)) found.add(one);
  return found;
}

/** A listening socket or one for datagrams: a connection has its port, and takes in nothing but what its peer sends. */
function takesFromEverybody({ state, drops }: SocketRow): boolean {
  return drops !== undefined || state === "LISTEN";
}

/** What is sent to the one can come to the other: it has the same address, or one that the first hears among all. */
function takes(other: SocketRow, one: SocketRow): boolean {
  if (other.local.port !== one.local.port || !conflict(other.local.address, one.local.address)) return false;
  return isEvery(one.local.address) || !isEvery(other.local.address);
}

function isEvery(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

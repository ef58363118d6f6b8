import { Connections } from "./connections";
import { inodeOf } from "./inode";
import { socketOwners } from "./owner-cache";
import type { Owner } from "./owners";
import { type SocketRow, socketTable, type Transport } from "./socket-table";
import { SystemFiles } from "./system-files";

/** A network, and a process in it, through which the system shows its tables. */
export interface ReadableNetwork {
  /** As `networkOf` gives it. */
  readonly name: string | undefined;
  readonly reader: number | "self";
}

/** One table of one network, and when it was read, in milliseconds on this process's clock. */
interface Table {
  readonly at: number;
  /** Undefined where the system does not show it. */
  readonly rows: readonly SocketRow[] | undefined;
}

/**
 * What the operating system says of sockets at one moment, for everything that is drawn at that moment: each of its files is read at most
 * once, and only when it is asked for. Reading /proc/net/tcp can take 30 ms (the system walks its whole hash table).
 */
export class Snapshot<N extends ReadableNetwork = ReadableNetwork> {
  /** What was read of the system already. */
  readonly files = new SystemFiles();
  private readonly tables = new Map<string, Table>();
  private readonly byInode = new Map<Transport, Map<number, SocketRow>>();
  private readonly byEnds = new Map<string | undefined, Connections>();

  /** @param networks each of them once */
  constructor(readonly networks: readonly N[]) {}

  /** The table of a network: when it was read, and its rows if the system shows them. */
  table(network: ReadableNetwork, transport: Transport): Table {
    const key = `${transport} ${network.reader}`;
    const table = this.tables.get(key) ?? this.read(network, transport);
    this.tables.set(key, table);
    return table;
  }

  private read({ reader }: ReadableNetwork, transport: Transport): Table {
    return { at: performance.now(), rows: socketTable(transport, reader, this.files) };
  }

  /** The TCP sockets of a network, to look them up. */
  connections(network: ReadableNetwork): Connections {
    const found = this.byEnds.get(network.name) ?? new Connections(this.table(network, "tcp").rows ?? []);
    this.byEnds.set(network.name, found);
    return found;
  }

  /** The row of a socket, in whichever network it is: the system numbers the sockets of all of them together. */
  row(inode: number | undefined, transport: Transport): SocketRow | undefined {
    if (inode === undefined || inode === 0) return undefined;
    let rows = this.byInode.get(transport);
    if (rows === undefined) {
      const all = this.networks.flatMap((network) => this.table(network, transport).rows ?? []);
      // Those without a process have no number.
      rows = new Map(all.filter((row) => row.inode !== 0).map((row) => [row.inode, row]));
      this.byInode.set(transport, rows);
    }
    return rows.get(inode);
  }

  /** The number of the socket that a process has open under a descriptor. */
  inodeOf(fd: number, pid: number | "self" = "self"): number | undefined {
    return inodeOf(fd, pid, this.files);
  }

  /** The processes that have these sockets open, as far as they may be looked at. */
  owners(inodes: Iterable<number>): Map<number, Owner> {
    return socketOwners(inodes, this.files);
  }
}

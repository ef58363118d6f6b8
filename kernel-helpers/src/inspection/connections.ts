import { conflict } from "./conflict";
import type { SocketRow } from "./socket-table";

/** The two ends of a connection. */
export type Ends = Pick<SocketRow, "local" | "peer">;

/** The TCP sockets of one network at one moment, to look many of them up. */
export class Connections {
  private readonly byInode = new Map<number, SocketRow>();
  /** Those without a process, by the two ports. */
  private readonly left = new Map<string, SocketRow[]>();

  /** @param rows the system's table: see `socketTable` */
  constructor(rows: readonly SocketRow[]) {
    for (const row of rows) {
      if (row.inode !== 0) this.byInode.set(row.inode, row);
      else this.left.set(portsOf(row), [...(this.left.get(portsOf(row)) ?? []), row]);
    }
  }

  /** The socket of a descriptor. One that is at most bound is not in the table. */
  ofInode(inode: number | undefined): SocketRow | undefined {
    return inode === undefined ? undefined : this.byInode.get(inode);
  }

  /**
   * What the system keeps of a connection that no process has any more: TIME_WAIT, FIN_WAIT2, … Another socket that has its port by now is
   * not it. The local address may be 0.0.0.0, if no more is known of it than of its listener.
   */
  leftOf(ends: Ends): SocketRow | undefined {
    return this.left
      .get(portsOf(ends))
      ?.find(
        ({ local, peer }) => conflict(ends.local.address, local.address) && conflict(ends.peer.address, peer.address),
      );
  }
}

function portsOf({ local, peer }: Ends): string {
  return `${local.port} ${peer.port}`;
}

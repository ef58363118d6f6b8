import { constants } from "../facts";
import { openHandles } from "../handles/registry";
import { inodeOf, socketTable } from "../inspection";
import type { Drops } from "../pictures/scene";
import { networks } from "../processes/networks";
import { otherProcesses } from "../processes/notebook-process";

/** A datagram socket that is open, and whose it is. */
interface Receiver {
  handle: string;
  pid: number;
  inode: number | undefined;
}

/** Datagrams that the system has dropped at the handles that are open, here and in other processes: the queue was full, or a filter refused them. */
export function drops(): Drops[] {
  const receivers = [...own(), ...remote()];
  if (receivers.length === 0) return [];
  const rows = networks().flatMap(({ reader }) => socketTable(["udp", "udp6"], reader));
  // The system numbers the sockets of all networks together.
  const counts = new Map(rows.map((row) => [row.inode, row.drops ?? 0]));
  return receivers.flatMap(({ handle, pid, inode }) => {
    const count = counts.get(inode ?? -1) ?? 0;
    return count === 0 ? [] : [{ handle, pid, count }];
  });
}

function own(): Receiver[] {
  return openHandles().flatMap((sock) =>
    sock.isDatagram && sock.isInternet ? [{ handle: sock.name, pid: process.pid, inode: inodeOf(sock.fd) }] : [],
  );
}

function remote(): Receiver[] {
  return otherProcesses().flatMap((process) =>
    process
      .openHandles()
      .flatMap(({ name, fd, family, type }) =>
        type === constants.SOCK_DGRAM && family !== constants.AF_UNIX
          ? [{ handle: name, pid: process.pid, inode: inodeOf(fd, process.pid) }]
          : [],
      ),
  );
}

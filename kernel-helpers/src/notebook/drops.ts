import type { Drops } from "../conversation";
import { constants } from "../facts";
import { openHandles } from "../handles/registry";
import type { Snapshot } from "../inspection";
import type { Network } from "../processes/networks";
import { otherProcesses } from "../processes/notebook-process";

/** A datagram socket that is open, and whose it is. */
interface Receiver {
  handle: string;
  pid: number;
  inode: number | undefined;
}

/** Datagrams that the system has dropped at the handles that are open, here and in other processes: the queue was full, or a filter refused them. */
export function drops(snapshot: Snapshot<Network>): Drops[] {
  return [...own(snapshot), ...theirs(snapshot)].flatMap(({ handle, pid, inode }) => {
    const count = snapshot.row(inode, "udp")?.drops ?? 0;
    return count === 0 ? [] : [{ handle, pid, count }];
  });
}

function own(snapshot: Snapshot<Network>): Receiver[] {
  return openHandles().flatMap((sock) =>
    sock.isDatagram && sock.isInternet
      ? [{ handle: sock.name, pid: process.pid, inode: snapshot.inodeOf(sock.fd) }]
      : [],
  );
}

function theirs(snapshot: Snapshot<Network>): Receiver[] {
  return otherProcesses().flatMap((process) =>
    process
      .openHandles()
      .flatMap(({ name, fd, family, type }) =>
        type === constants.SOCK_DGRAM && family !== constants.AF_UNIX
          ? [{ handle: name, pid: process.pid, inode: snapshot.inodeOf(fd, process.pid) }]
          : [],
      ),
  );
}

import { clean } from "../bytes/clean";
import { socketInode } from "./inode";
import { SystemFiles } from "./system-files";

/** The process that has a socket open. */
export interface Owner {
  pid: number;
  /** The program's name, as the system keeps it: at most 15 characters; control characters as their numbers. */
  command: string;
  /** Its descriptor for the socket. */
  fd: number;
}

/** So many descriptors are looked at, at most. Measured: 13 µs each, so that a search takes a quarter of a second at worst. */
const MOST = 20_000;

/**
 * Finds the processes that have these sockets open. The system lets an ordinary user see only the user's own processes; a socket of another
 * one is missing in the result. This process is looked at first, and the search ends when all are found.
 *
 * @param inodes the sockets, as the system's table numbers them
 * @param root where the processes are
 * @param files what was read of them already
 * @see man 5 proc, /proc/pid/fd
 */
export function ownersOf(
  inodes: Iterable<number>,
  root = "/proc",
  files: SystemFiles = new SystemFiles(),
): Map<number, Owner> {
  const wanted = new Set(inodes);
  wanted.delete(0);
  const found = new Map<number, Owner>();
  let left = MOST;
  for (const pid of wanted.size === 0 ? [] : processes(files.names(root))) {
    for (const fd of files.names(`${root}/${pid}/fd`)) {
      left -= 1;
      const inode = socketInode(files.link(`${root}/${pid}/fd/${fd}`));
      if (inode === undefined || !wanted.delete(inode)) continue;
      found.set(inode, { pid, command: clean((files.text(`${root}/${pid}/comm`) ?? "").trim()), fd: Number(fd) });
    }
    if (wanted.size === 0 || left <= 0) break;
  }
  return found;
}

function processes(names: readonly string[]): number[] {
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  return [process.pid, ...pids.filter((pid) => pid !== process.pid).sort((a, b) => a - b)];
}

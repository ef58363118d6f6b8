import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { clean } from "../bytes/clean";

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
 * @see man 5 proc, /proc/pid/fd
 */
export function ownersOf(inodes: Iterable<number>, root = "/proc"): Map<number, Owner> {
  const wanted = new Set(inodes);
  wanted.delete(0);
  const found = new Map<number, Owner>();
  let left = MOST;
  for (const pid of wanted.size === 0 ? [] : processes(root)) {
    for (const fd of list(`${root}/${pid}/fd`)) {
      left -= 1;
      const inode = socketInode(`${root}/${pid}/fd/${fd}`);
      if (inode === undefined || !wanted.delete(inode)) continue;
      found.set(inode, { pid, command: commandOf(pid, root), fd: Number(fd) });
    }
    if (wanted.size === 0 || left <= 0) break;
  }
  return found;
}

function processes(root: string): number[] {
  const pids = list(root)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return [process.pid, ...pids.filter((pid) => pid !== process.pid).sort((a, b) => a - b)];
}

/** Empty for what may not be seen, and for what has ended meanwhile. */
function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function socketInode(path: string): number | undefined {
  try {
    const match = /^socket:\[(\d+)\]$/.exec(readlinkSync(path));
    return match === null ? undefined : Number(match[1]);
  } catch {
    return undefined;
  }
}

function commandOf(pid: number, root: string): string {
  try {
    return clean(readFileSync(`${root}/${pid}/comm`, "utf8").trim());
  } catch {
    return "";
  }
}

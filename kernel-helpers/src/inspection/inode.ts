import { ownInode } from "../calls/own-inode";
import { SystemFiles } from "./system-files";

/**
 * The inode of a socket, or undefined when the descriptor is no socket, when the process may not be looked at, or the system has no /proc.
 *
 * @param pid the process; this one, unless told
 */
export function inodeOf(
  fd: number,
  pid: number | "self" = "self",
  files: SystemFiles = new SystemFiles(),
): number | undefined {
  return pid === "self" || pid === process.pid ? ownInode(fd) : socketInode(files.link(`/proc/${pid}/fd/${fd}`));
}

/** What a link in /proc/pid/fd says: `socket:[4711]`. */
export function socketInode(link: string | undefined): number | undefined {
  const match = /^socket:\[(\d+)\]$/.exec(link ?? "");
  return match === null ? undefined : Number(match[1]);
}

import { readlinkSync } from "node:fs";

/**
 * The inode of a socket, or undefined when the descriptor is no socket, when the process may not be looked at, or the system has no /proc.
 *
 * @param pid the process; this one, unless told
 */
export function inodeOf(fd: number, pid: number | "self" = "self"): number | undefined {
  try {
    const match = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`));
    return match === null ? undefined : Number(match[1]);
  } catch {
    return undefined;
  }
}

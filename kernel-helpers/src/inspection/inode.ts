import { readlinkSync } from "node:fs";

/** The inode of a socket of this process, or undefined when the descriptor is no socket or the system has no /proc. */
export function inodeOf(fd: number): number | undefined {
  try {
    const match = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`));
    return match === null ? undefined : Number(match[1]);
  } catch {
    return undefined;
  }
}

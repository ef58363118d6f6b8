import { fstatSync } from "node:fs";

/**
 * The inode of the socket that a descriptor of this process leads to, asked of the descriptor itself: that takes no file. Undefined where it
 * leads to no socket.
 *
 * @internal
 */
export function ownInode(fd: number): number | undefined {
  try {
    const stats = fstatSync(fd);
    return stats.isSocket() ? stats.ino : undefined;
  } catch {
    return undefined;
  }
}

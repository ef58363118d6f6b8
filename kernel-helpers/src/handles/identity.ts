import { fstatSync } from "node:fs";

/** What a descriptor leads to: the number of its socket or file, and of the device that counts them. */
export interface Identity {
  readonly device: number;
  readonly inode: number;
}

/**
 * What a descriptor leads to now; undefined when it is not open. Only fstat(2) tells: the number alone is given to the next file or socket
 * as soon as the one before is closed, whoever closes it.
 */
export function identityOf(fd: number): Identity | undefined {
  try {
    const { dev, ino } = fstatSync(fd);
    return { device: dev, inode: ino };
  } catch {
    return undefined;
  }
}

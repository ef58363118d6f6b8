import { processWide } from "../libc";

/**
 * The descriptors that were opened here. Only these may be closed here: descriptors 0 to 2 and the ones of Node itself belong to
 * others, and closing one would end the kernel.
 */
export const owned = processWide("descriptors", () => new Set<number>());

/** Notes a new descriptor and gives it back; a negative result is passed through. */
export function own(result: number): number {
  if (result >= 0) owned.add(result);
  return result;
}

/** Takes a descriptor out of those that may be closed: the thread that waits for everybody else needs it. Gives it back. */
export function keep(fd: number): number {
  owned.delete(fd);
  return fd;
}

import { processWide } from "../cells";

/**
 * The descriptors that were opened here. Only these may be closed here: descriptors 0 to 2 and the ones of Node itself belong to
 * others, and closing one would end the kernel.
 */
const opened = processWide("descriptors", () => new Set<number>());

/** Notes a new descriptor and gives it back; a negative result is passed through. */
export function adopt(result: number): number {
  if (result >= 0) opened.add(result);
  return result;
}

/** Whether it was opened here, and may be closed. */
export function isOurs(fd: number): boolean {
  return opened.has(fd);
}

/** Takes a descriptor out of those that may be closed: the thread that waits for everybody else needs it. Gives it back. */
export function keep(fd: number): number {
  opened.delete(fd);
  return fd;
}

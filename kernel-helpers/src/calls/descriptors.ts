import { processWide } from "../cells/process-wide";

/** What is known of a descriptor that was opened here. Two that are duplicates share it, as they share the socket. */
export interface Opened {
  /** A call on it can wait: it was not made non-blocking. */
  blocks: boolean;
  /** The limit of such a wait is set: of receives and accept, and of sends and connect. */
  limitedIn: boolean;
  limitedOut: boolean;
}

/**
 * The descriptors that were opened here. Only these may be closed here: descriptors 0 to 2 and the ones of Node itself belong to
 * others, and closing one would end the kernel.
 */
const opened = processWide("descriptors", () => new Map<number, Opened>());

const watchers = processWide("after open", () => [] as ((fd: number) => void)[]);

/**
 * Has `action` called with every new descriptor. The system gave it a number that is free: who believes to have that number has lost it.
 *
 * @internal
 */
export function afterOpen(action: (fd: number) => void): void {
  watchers.push(action);
}

/** Notes a new descriptor and gives it back; a negative result is passed through. */
export function adopt(result: number, blocks = true): number {
  return note(result, { blocks, limitedIn: false, limitedOut: false });
}

function note(result: number, known: Opened): number {
  if (result < 0) return result;
  opened.set(result, known);
  for (const watcher of watchers) watcher(result);
  return result;
}

/** The same for a duplicate of another descriptor. */
export function adoptDuplicate(result: number, of: number): number {
  const shared = opened.get(of);
  return shared === undefined ? adopt(result) : note(result, shared);
}

/** What is known of a descriptor; undefined for one that was not opened here. */
export function openedHere(fd: number): Opened | undefined {
  return opened.get(fd);
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

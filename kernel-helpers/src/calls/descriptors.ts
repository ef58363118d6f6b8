import { fstatSync } from "node:fs";
import { insideKernel } from "../cells/cell";
import { processWide } from "../cells/process-wide";
import { descriptor } from "./arguments";
import { ownInode } from "./own-inode";

/** What is known of a descriptor that was opened here. Two that lead to the same socket share it, as they share its options and O_NONBLOCK. */
export interface Opened {
  /** A call on it can wait: it was not made non-blocking. */
  blocks: boolean;
  /** The limit of such a wait is set: of receives and accept, and of sends and connect. */
  limitedIn: boolean;
  limitedOut: boolean;
  /** Another descriptor of this process leads to the same socket. */
  copies: boolean;
  /** It came from somebody, or was sent to somebody, who can change what is known of it: the system is asked before each call that can wait. */
  elsewhere: boolean;
  /** It was accepted, so it can have the limits of the listening socket: the system is asked once. */
  inherits: boolean;
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
export function adopt(result: number, blocks = true, inherits = false): number {
  return note(result, {
    blocks,
    limitedIn: false,
    limitedOut: false,
    copies: false,
    elsewhere: false,
    inherits,
  });
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
  if (shared === undefined) return adopt(result);
  if (result >= 0) shared.copies = true;
  return note(result, shared);
}

/** The same for a descriptor that came in a message: it can lead to a socket that this process has already, when it was sent from here. */
export function adoptReceived(fd: number): number {
  const inode = ownInode(fd);
  const other = inode === undefined ? undefined : [...opened.keys()].find((one) => ownInode(one) === inode);
  const adopted = other === undefined ? adopt(fd) : adoptDuplicate(fd, other);
  noteElsewhere(fd);
  return adopted;
}

/** Notes that a descriptor was sent: who receives it has the same socket. */
export function noteElsewhere(fd: number): void {
  const known = opened.get(fd);
  if (known !== undefined) known.elsewhere = true;
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

/**
 * The number of a descriptor on which a learner's call takes something, gives something away, or changes something. In a notebook that is
 * none of the sockets by which the kernel talks to Jupyter: the numbers of a handout are other ones in another kernel, and one shutdown(2), send(2)
 * or accept(2) on such a socket ended it, or nobody heard of it any more.
 *
 * @throws TypeError and RangeError for what is no C int, RangeError for a descriptor that the notebook itself uses
 *
 * @internal
 */
export function ownDescriptor(value: unknown, name = "fd"): number {
  const fd = descriptor(value, name);
  if (opened.has(fd) || !insideKernel() || !isInUse(fd)) return fd;
  throw notOpenedHere(fd, "this call is not made on it. The number of a handle's is its `fd`");
}

/**
 * The error of a call that is refused because somebody else has opened the descriptor.
 *
 * @param so what is not done
 *
 * @internal
 */
export function notOpenedHere(fd: number, so: string): RangeError {
  return new RangeError(
    `Descriptor ${fd} is none that kernel-helpers has opened: the notebook itself may use it, so ${so}.`,
  );
}

/** Whether a number leads to a socket, or to something that only the system has a name for, such as an epoll set. Of anything else the system says what it is. */
function isInUse(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    return !(stats.isFile() || stats.isDirectory() || stats.isFIFO() || stats.isCharacterDevice());
  } catch {
    return false;
  }
}

import { decodeOptionValue, encodeOptionValue } from "../bytes";
import { processWide } from "../cells";
import { sections } from "../cells/whole";
import { SocketError } from "../errors/socket-error";
import { SO_LINGER } from "../facts";
import { declare, returned, starting, withContext } from "../libc";
import { descriptor } from "./arguments";
import { type Description, succeed } from "./description";
import { isOurs, keep, notOpenedHere } from "./descriptors";
import { isOpenDescriptor } from "./fcntl";
import { getsockopt, setsockopt } from "./getsockopt";

const libc = declare<{ close(fd: number): number }>({ close: "int close(int fd)" });

/** close(2), as the record keeps it. */
export interface CloseCall {
  readonly name: "close";
  /** The descriptor that the call is made on, a C int. */
  readonly fd: number;
}

const text = ({ fd }: CloseCall): string => `close(${fd})`;

export const CLOSE: Description<CloseCall> = { short: text, exact: text, shown: () => ({ means: "closes" }) };

type BeforeClose = (fd: number) => void;
const watchers = processWide("before close", () => [] as BeforeClose[]);

/**
 * Has `action` called with every descriptor that is about to be closed: whoever waits for it must be told first.
 *
 * @internal
 */
export function beforeClose(action: BeforeClose): void {
  watchers.push(action);
}

/** As poll() and every other call on a number: seconds for which the whole notebook may stand still. */
const LONGEST = 10;
/** Of the option's value, a struct linger. */
const LINGER = 8;
const LOOKING = { handle: "looking", printed: false, pid: process.pid };
const BACKSTAGE = { handle: "calls", printed: true, pid: process.pid };

/**
 * How many seconds close(2) may wait, as SO_LINGER says: on Linux a socket that does not block waits too (tried). Below zero it is for ever.
 *
 * @internal
 */
export function lingering(fd: number): number {
  try {
    const value = withContext(LOOKING, () => getsockopt(fd, SO_LINGER.level, SO_LINGER, LINGER));
    const { onoff, linger } = decodeOptionValue(SO_LINGER, value);
    return onoff ? linger : 0;
  } catch (error) {
    // No socket, or none that is open: the call itself says so.
    if (error instanceof SocketError) return 0;
    throw error;
  }
}

/**
 * close(2) gives a descriptor back. The last descriptor of a connection that is closed ends the connection. The number is free at once:
 * the next socket may get it. It is never repeated, also not after EINTR: on Linux the descriptor is gone then.
 *
 * With SO_LINGER it waits until the other end has everything, also on a descriptor that does not block: 10 s at most, and a longer time
 * is set to that first.
 *
 * Manual: man 2 close.
 *
 * @param fd a descriptor that was opened here, a C int
 * @throws Errors: SocketError EBADF (no such open descriptor); RangeError for a descriptor that is open but is not the learner's (0 to 2, those of Node itself, and those of the thread that waits); TypeError and RangeError for what is no C int
 */
export function close(fd: number): void {
  sections?.enter();
  try {
    const call: CloseCall = { name: "close", fd: descriptor(fd) };
    if (!isOurs(call.fd) && isOpenDescriptor(call.fd)) throw notOpenedHere(call.fd, "it is not closed here");
    const seconds = lingering(call.fd);
    if (seconds < 0 || seconds > LONGEST) {
      const value = encodeOptionValue(SO_LINGER, { onoff: true, linger: LONGEST });
      withContext(BACKSTAGE, () => setsockopt(call.fd, SO_LINGER.level, SO_LINGER, value));
    }
    make(call);
  } finally {
    sections?.leave();
  }
}

/**
 * close(2) of a descriptor that was opened here, and does not linger.
 *
 * @internal
 */
export function closeAtOnce(fd: number): void {
  make({ name: "close", fd: descriptor(fd) });
}

function make(call: CloseCall): void {
  keep(call.fd);
  for (const watcher of watchers) watcher(call.fd);
  const start = starting();
  succeed(CLOSE, call, returned(call, libc.close(call.fd), start));
}

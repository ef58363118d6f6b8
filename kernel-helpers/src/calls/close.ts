import { processWide } from "../cells";
import { declare, returned, starting } from "../libc";
import { descriptor } from "./arguments";
import { type Description, succeed } from "./description";
import { isOurs, keep } from "./descriptors";
import { isOpenDescriptor } from "./fcntl";

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

/**
 * close(2) gives a descriptor back. The last descriptor of a connection that is closed ends the connection. The number is free at once:
 * the next socket may get it. It is never repeated, also not after EINTR: on Linux the descriptor is gone then.
 *
 * Manual: man 2 close.
 *
 * @param fd a descriptor that was opened here, a C int
 * @throws Errors: SocketError EBADF (no such open descriptor); RangeError for a descriptor that is open but is not the learner's (0 to 2, those of Node itself, and those of the thread that waits); TypeError and RangeError for what is no C int
 */
export function close(fd: number): void {
  const call: CloseCall = { name: "close", fd: descriptor(fd) };
  if (!isOurs(call.fd) && isOpenDescriptor(call.fd)) {
    throw new RangeError(
      `Descriptor ${call.fd} is not one of yours (the notebook itself uses it), so it is not closed here.`,
    );
  }
  keep(call.fd);
  for (const watcher of watchers) watcher(call.fd);
  const start = starting();
  succeed(CLOSE, call, returned(call, libc.close(call.fd), start));
}

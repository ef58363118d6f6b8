import { constants, flagNames } from "../facts";
import { declare, type Pointer, returned, starting } from "../libc";
import { integer } from "./arguments";
import { type Description, succeed } from "./description";
import { adopt } from "./descriptors";

const libc = declare<{
  eventfd(initial: number, flags: number): number;
  write(fd: number, data: Pointer, length: number): number;
}>(
  {
    eventfd: "int eventfd(unsigned int initial, int flags)",
    write: "intptr_t write(int fd, const void *data, size_t length)",
  },
  "linux",
);

/** eventfd(2), as the record keeps it. */
export interface EventfdCall {
  readonly name: "eventfd";
  /** What the counter begins with, 0 to 4294967295. */
  readonly initial: number;
  /** The flags, such as EFD_NONBLOCK, added by |; 0 for none. */
  readonly flags: number;
}

export const EVENTFD: Description<EventfdCall> = {
  short: ({ initial }) => `eventfd(${initial})`,
  exact: ({ initial, flags }) => `eventfd2(${initial}, ${flagNames("eventfd", flags)})`,
};

/**
 * eventfd(2): a counter that wakes whoever waits for it. Linux only; close-on-exec and non-blocking.
 *
 * @throws SocketError EMFILE
 */
export function eventfd(initial = 0): number {
  const flags = constants.EFD_CLOEXEC | constants.EFD_NONBLOCK;
  const call: EventfdCall = { name: "eventfd", initial: integer("initial", initial, 0, 0xffffffff), flags };
  const start = starting();
  return succeed(EVENTFD, call, adopt(returned(call, libc.eventfd(call.initial, call.flags), start)));
}

const ONE = Buffer.alloc(8);
ONE.writeBigUInt64LE(1n);

/** Adds one to the counter, and so wakes who waits for it. It leaves no record: it is no call of a handle, and says nothing of one. */
export function wakeByEventfd(fd: number): void {
  libc.write(fd, ONE, ONE.byteLength);
}

import { processWide } from "../cells";
import { sections, whole } from "../cells/whole";
import { constants, exactNameOf, flagNames, nameOf } from "../facts";
import { declare, returned, starting } from "../libc";
import { descriptor, int } from "./arguments";
import { type Description, succeed } from "./description";
import { adoptDuplicate, openedHere, ownDescriptor } from "./descriptors";

// Variadic in C too: on arm64 macOS a variadic argument travels on the stack, so the declaration must say so.
const libc = declare<{ fcntl(fd: number, command: number, type: "int", argument: number): number }>({
  fcntl: "int fcntl(int fd, int command, ...)",
});

/** fcntl(2), as the record keeps it. */
export interface FcntlCall {
  readonly name: "fcntl";
  /** The descriptor that the call is made on, a C int. */
  readonly fd: number;
  /** F_GETFL, F_SETFL, F_GETFD, F_SETFD, …: a C int. */
  readonly command: number;
  /** For the setting commands the flags, a C int; else 0. */
  readonly argument: number;
}

/** The commands without an argument, whose result are flags. */
const READS: ReadonlySet<number> = new Set([constants.F_GETFL, constants.F_GETFD]);

export const FCNTL: Description<FcntlCall> = {
  short: ({ fd, command, argument }) => `fcntl(${fd}, ${nameOf("fcntl", command)}, ${argument})`,
  exact: ({ fd, command, argument }) => {
    const { F_SETFL, F_SETFD } = constants;
    const after = READS.has(command)
      ? ""
      : `, ${command === F_SETFL ? flagNames("open", argument) : command === F_SETFD ? flagNames("fd", argument) : argument}`;
    return `fcntl(${fd}, ${exactNameOf("fcntl", command)}${after})`;
  },
  exactResult: ({ command }, result) => {
    if (!READS.has(command) || (command === constants.F_GETFD && result === 0)) return undefined;
    return `${result === 0 ? "0" : `0x${result.toString(16)}`} (flags ${flagNames(command === constants.F_GETFL ? "open" : "fd", result)})`;
  },
  shown: ({ command }) => ({
    detail: nameOf("fcntl", command),
    means: command === constants.F_DUPFD_CLOEXEC ? "duplicates" : undefined,
  }),
};

type BeforeBlocking = (fd: number) => void;
const guards = processWide("before blocking", () => [] as BeforeBlocking[]);

/**
 * Has `action` called with every descriptor that is about to be made blocking; it may refuse by throwing.
 *
 * @internal
 */
export function beforeBlocking(action: BeforeBlocking): void {
  guards.push(action);
}

function make(call: FcntlCall): number {
  const start = starting();
  return succeed(FCNTL, call, returned(call, libc.fcntl(call.fd, call.command, "int", call.argument), start));
}

/**
 * fcntl(2) reads and sets a descriptor's flags.
 *
 * Manual: man 2 fcntl.
 *
 * @param fd an open descriptor, a C int
 * @param command F_GETFL or F_SETFL (O_NONBLOCK), F_GETFD or F_SETFD (FD_CLOEXEC); others are refused
 * @param argument for the setting commands the flags, a C int; 0 unless told
 * @returns Returns the flags for the reading commands, else 0
 * @throws Errors: SocketError EBADF (not open); RangeError for another command, and for making the socket of a handle blocking; RangeError for a descriptor that the notebook itself uses; TypeError and RangeError for what is no C int
 */
export function fcntl(fd: number, command: number, argument = 0): number {
  sections?.enter();
  try {
    const { F_GETFD, F_SETFD, F_GETFL, F_SETFL } = constants;
    if (![F_GETFD, F_SETFD, F_GETFL, F_SETFL].includes(command)) {
      throw new RangeError("command is F_GETFD, F_SETFD, F_GETFL or F_SETFL.");
    }
    const number = READS.has(command) ? descriptor(fd) : ownDescriptor(fd);
    const call: FcntlCall = { name: "fcntl", fd: number, command, argument: int("argument", argument) };
    if (command === F_SETFL && (call.argument & constants.O_NONBLOCK) === 0) for (const guard of guards) guard(call.fd);
    const result = make(call);
    const known = openedHere(call.fd);
    if (command === F_SETFL && known !== undefined) known.blocks = (call.argument & constants.O_NONBLOCK) === 0;
    return result;
  } finally {
    sections?.leave();
  }
}

/**
 * A second descriptor for what `fd` is open for, close-on-exec: fcntl(2) with F_DUPFD_CLOEXEC.
 *
 * @throws SocketError EBADF, EMFILE
 *
 * @internal
 */
export function duplicate(fd: number): number {
  return whole(() => {
    const call: FcntlCall = { name: "fcntl", fd: ownDescriptor(fd), command: constants.F_DUPFD_CLOEXEC, argument: 0 };
    return adoptDuplicate(make(call), call.fd);
  });
}

/**
 * Whether a descriptor is open. It leaves no record: close() asks it before it refuses a stranger's descriptor.
 *
 * @internal
 */
export function isOpenDescriptor(fd: number): boolean {
  return libc.fcntl(fd, constants.F_GETFD, "int", 0) !== -1;
}

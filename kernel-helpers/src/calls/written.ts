import { SocketError } from "../errors/socket-error";
import { constants, facts } from "../facts/current";
import { SO_TYPE } from "../facts/socket-options";
import { withContext } from "../libc/funnel";
import { preview } from "./arguments";
import { getsockopt } from "./getsockopt";

/*
 * How much of what a receive counts it has written. Tried on Linux 6.18 for each family, type and flag, in memory that was filled with random
 * bytes before: only MSG_TRUNC counts more. TCP and MPTCP write nothing with it, not even the urgent byte (tcp(7)); a UDP socket that peeks
 * further on (SO_PEEK_OFF) counts the whole datagram and writes what is left of it; Unix-domain sockets count from there, and write what they
 * count. From the queue of errors all that is counted is written.
 */

/** Flags with which every byte that is counted is also written. */
const WRITING =
  constants.MSG_PEEK |
  constants.MSG_DONTWAIT |
  constants.MSG_WAITALL |
  constants.MSG_OOB |
  constants.MSG_ERRQUEUE |
  constants.MSG_CMSG_CLOEXEC;

/** Options of SOL_SOCKET that only Linux has: asm-generic/socket.h. */
const [SO_DOMAIN, SO_PEEK_OFF] = [39, 42];

const LOOKING = { handle: "looking", printed: false, pid: process.pid };

/**
 * Whether a receive with these flags can count bytes that it does not write. What lies in the memory then was never received, and must not be
 * shown as if it was.
 *
 * @internal
 */
export function mayLeave(flags: number): boolean {
  return (flags & ~WRITING) !== 0;
}

/** Nobody can say how much of the memory is written. */
const UNKNOWN = Symbol("unknown");

/** What lay in the memory before a receive that may leave it so. */
export type Before = string | typeof UNKNOWN | undefined;

/**
 * To be called before a receive, with its flags. The system is asked what socket it is, where that decides: 1 µs for each question.
 *
 * @internal
 */
export function before(fd: number, buffer: Uint8Array, length: number, flags: number): Before {
  if (!mayLeave(flags)) return undefined;
  if (facts.os === "linux" && (flags & constants.MSG_TRUNC) !== 0) {
    if ((flags & constants.MSG_ERRQUEUE) !== 0) return undefined;
    const isUnix = option(fd, SO_DOMAIN) === constants.AF_UNIX;
    if (isUnix || option(fd, SO_TYPE.number) !== constants.SOCK_STREAM)
      return !isUnix && (flags & constants.MSG_PEEK) !== 0 && peeksFurther(fd) ? UNKNOWN : undefined;
  }
  return preview(buffer, length);
}

/**
 * Whether the bytes that a receive has counted are not to be shown: it has left the memory as it was, or nobody knows how far.
 *
 * @internal
 */
export function isUntouched(before: Before, result: number, data: string): boolean {
  if (before === undefined || result <= 0) return false;
  return before === UNKNOWN || before.startsWith(data);
}

/**
 * Whether a peek begins further on in a datagram (socket(7), SO_PEEK_OFF).
 *
 * @internal
 */
export function peeksFurther(fd: number): boolean {
  return option(fd, SO_PEEK_OFF) >= 0;
}

/** An option that is a C int; -1 for one that cannot be read. */
function option(fd: number, number: number): number {
  try {
    const value = withContext(LOOKING, () => getsockopt(fd, constants.SOL_SOCKET, number));
    return new DataView(value.buffer, value.byteOffset, value.byteLength).getInt32(0, true);
  } catch (error) {
    // No socket, or none that is open, or one that has no such option.
    if (error instanceof SocketError) return -1;
    throw error;
  }
}

import { decodeSockaddr } from "../bytes";
import type { SocketAddress } from "../bytes/sockaddr";
import { constants } from "../facts/current";
import { flagNames } from "../facts/flags";
import { returned, starting } from "../libc/funnel";
import { declare, type Pointer } from "../libc/library";
import { freshRoomLength, returnedAddress, room } from "./address";
import { descriptor, int, lengthWithin, memory, preview, sizeOf } from "./arguments";
import { type Description, type Shown, succeed, type Tried } from "./description";
import { addressText, arrowed, chosenFlags, exactRoom, flagsAfter, received, SOMEWHERE } from "./words";

const libc = declare<{
  recv(fd: number, buffer: Pointer, length: number, flags: number): number;
  recvfrom(fd: number, buffer: Pointer, length: number, flags: number, from: Pointer, fromLength: Pointer): number;
}>({
  recv: "intptr_t recv(int fd, void *buffer, size_t length, int flags)",
  recvfrom: "intptr_t recvfrom(int fd, void *buffer, size_t length, int flags, void *address, void *addressLength)",
});

/** recv(2), as the record keeps it. */
export interface RecvCall {
  readonly name: "recv";
  /** The descriptor that the call is made on, a C int. */
  readonly fd: number;
  /** The first bytes of what was received. */
  data?: readonly number[] | undefined;
  /** How many bytes there was room for. */
  readonly length: number;
  /** The flags, such as MSG_PEEK, added by |; 0 for none. */
  readonly flags: number;
}

/** recvfrom(2), as the record keeps it. */
export interface RecvfromCall extends Omit<RecvCall, "name"> {
  readonly name: "recvfrom";
  /** How many bytes there was room for the address. */
  readonly room: number;
  /** The bytes of the sender's address. */
  from?: Uint8Array;
  /** How many bytes the system says that the address has. */
  fromLength?: number;
}

const short = (call: RecvCall | RecvfromCall, result: number): string => {
  const got = received(call, result);
  return `${call.name}(${call.fd}, ${got === undefined ? "" : `${got}, `}${call.length}${flagsAfter(call.flags)})`;
};

const exact = (call: RecvCall | RecvfromCall, result: number, from: string): string =>
  `recvfrom(${call.fd}, ${received(call, result) ?? SOMEWHERE}, ${call.length}, ${flagNames("msg", call.flags)}, ${from})`;

const shown = ({ data, length, flags }: RecvCall | RecvfromCall, result: number | undefined): Shown => ({
  means: "receives",
  data: result === undefined ? undefined : data,
  asked: length,
  detail: chosenFlags(flags),
  peek: (flags & constants.MSG_PEEK) !== 0 || undefined,
  urgent: (flags & constants.MSG_OOB) !== 0 || undefined,
});

export const RECV: Description<RecvCall> = {
  short,
  exact: (call, { result }) => exact(call, result, "NULL, NULL"),
  shown,
};

export const RECVFROM: Description<RecvfromCall> = {
  short,
  exact: (call, { result }) => exact(call, result, exactRoom(call.from, call.room, call.fromLength)),
  told: ({ from, fromLength }) => arrowed("←", from, fromLength),
  shown: (call, result) => ({ ...shown(call, result), told: "←", address: addressText(call.from, call.fromLength) }),
};

/**
 * recv, with minus the errno as the result where it failed.
 *
 * @internal
 */
export function tryRecv(fd: number, buffer: Uint8Array, length: number, flags: number): Tried<RecvCall> {
  const call: RecvCall = {
    name: "recv",
    fd: descriptor(fd),
    data: undefined,
    length: lengthWithin("length", length, buffer),
    flags: int("flags", flags),
  };
  const start = starting();
  const result = libc.recv(call.fd, buffer, call.length, call.flags);
  // With MSG_TRUNC the result is the datagram's own length, which can be more than the buffer holds.
  if (result >= 0) call.data = preview(buffer, Math.min(result, call.length));
  return { call, result: returned(call, result, start) };
}

/**
 * recvfrom, with minus the errno as the result where it failed.
 *
 * @internal
 */
export function tryRecvfrom(fd: number, buffer: Uint8Array, length: number, flags: number): Tried<RecvfromCall> {
  const call: RecvfromCall = {
    name: "recvfrom",
    fd: descriptor(fd),
    length: lengthWithin("length", length, buffer),
    flags: int("flags", flags),
    room: room.byteLength,
  };
  const addressLength = freshRoomLength();
  const start = starting();
  const result = libc.recvfrom(call.fd, buffer, call.length, call.flags, room, addressLength);
  if (result >= 0) {
    call.data = preview(buffer, Math.min(result, call.length));
    const from = returnedAddress();
    call.from = from.bytes;
    call.fromLength = from.length;
  }
  return { call, result: returned(call, result, start) };
}

/**
 * recv(2) takes bytes that have arrived into `buffer`.
 *
 * Manual: man 2 recv.
 *
 * @param fd the descriptor of a connected socket, a C int
 * @param buffer where the bytes go
 * @param length at most this many bytes, 0 to all that the buffer holds (the default)
 * @param flags 0 (the default), or for example MSG_PEEK (leave them in the queue), MSG_TRUNC (return a datagram's true length), MSG_DONTWAIT
 * @returns Returns how many bytes arrived; 0 on a stream is the end: the peer has closed
 * @throws Errors: SocketError EAGAIN (non-blocking, and nothing is there), ENOTCONN (not connected), ECONNRESET (ended abruptly), ECONNREFUSED (told of an earlier datagram), EBADF (not open), ENOTSOCK (no socket); TypeError and RangeError for what is no buffer, no such length or no C int
 */
export function recv(fd: number, buffer: ArrayBufferView, length?: number, flags = 0): number {
  const bytes = memory("buffer", buffer);
  const { call, result } = tryRecv(fd, bytes, length ?? sizeOf(bytes), flags);
  return succeed(RECV, call, result);
}

/**
 * recvfrom(2) takes one datagram into `buffer` and tells who sent it. What does not fit into the buffer is lost.
 *
 * Manual: man 2 recv.
 *
 * @param fd the descriptor of a datagram socket, a C int
 * @param buffer where the bytes go
 * @param length at most this many bytes, 0 to all that the buffer holds (the default)
 * @param flags 0 (the default), or for example MSG_PEEK, MSG_TRUNC, MSG_DONTWAIT
 * @returns Returns its length, and the sender's address (none on a connected stream)
 * @throws Errors: SocketError EAGAIN (non-blocking, and nothing is there), ENOTCONN (not connected), ECONNREFUSED (told of an earlier datagram), EBADF (not open), ENOTSOCK (no socket); TypeError and RangeError for what is no buffer, no such length or no C int
 */
export function recvfrom(
  fd: number,
  buffer: ArrayBufferView,
  length?: number,
  flags = 0,
): {
  /** How many bytes arrived; with MSG_TRUNC how many the datagram has. */
  length: number;
  /** The sender's address; undefined when the system told none. */
  address: SocketAddress | undefined;
} {
  const bytes = memory("buffer", buffer);
  const { call, result } = tryRecvfrom(fd, bytes, length ?? sizeOf(bytes), flags);
  const count = succeed(RECVFROM, call, result);
  const { from, fromLength } = call;
  return { length: count, address: from === undefined ? undefined : decodeSockaddr(from, fromLength ?? 0) };
}

/** Empties the socket that wakes the thread, for that thread. It leaves no record. */
export function drainOfThread(fd: number, memory: Buffer): void {
  libc.recv(fd, memory, memory.byteLength, constants.MSG_DONTWAIT);
}

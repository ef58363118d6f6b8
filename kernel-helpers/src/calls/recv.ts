import { decodeSockaddr } from "../bytes";
import type { SocketAddress } from "../bytes/sockaddr";
import { sections } from "../cells/whole";
import { constants } from "../facts/current";
import { flagNames } from "../facts/flags";
import { returned, starting } from "../libc/funnel";
import { declare, type Pointer } from "../libc/library";
import { freshRoomLength, returnedAddress, room } from "./address";
import { descriptor, int, lengthWithin, memory, preview, sizeOf } from "./arguments";
import type { Description, Shown, Tried } from "./description";
import { clock, isUnlimited, limit, succeedInTime } from "./limit";
import { libcOfPoll } from "./of-thread";
import {
  addressText,
  arrowed,
  chosenFlags,
  exactRoom,
  flagsAfter,
  quotedText,
  received,
  receivedBytes,
  SOMEWHERE,
} from "./words";
import { type Before, before, isUntouched } from "./written";

const libc = declare<{
  recvfrom(fd: number, buffer: Pointer, length: number, flags: number, from: Pointer, fromLength: Pointer): number;
}>({
  recvfrom: "intptr_t recvfrom(int fd, void *buffer, size_t length, int flags, void *address, void *addressLength)",
});

/** recv(2), as the record keeps it. */
export interface RecvCall {
  readonly name: "recv";
  /** The descriptor that the call is made on, a C int. */
  readonly fd: number;
  /** The first bytes of what was received, 64 at most, each as one letter (Latin-1). */
  data?: string | undefined;
  /** How many bytes there was room for. */
  readonly length: number;
  /** The flags, such as MSG_PEEK, added by |; 0 for none. */
  readonly flags: number;
  /** What lies in the memory was not received, or not all of it: the bytes were thrown away (MSG_TRUNC on a stream), or a peek began further on. */
  untouched?: true;
}

/** recvfrom(2), as the record keeps it. */
export interface RecvfromCall extends Omit<RecvCall, "name"> {
  readonly name: "recvfrom";
  /** How many bytes there was room for the address. */
  readonly room: number;
  /** The flags that the handle has added by itself, such as MSG_TRUNC; 0 for none. */
  readonly added?: number;
  /** The bytes of the sender's address. */
  from?: Uint8Array;
  /** How many bytes the system says that the address has. */
  fromLength?: number;
}

/** The flags that the learner has chosen, and those of the handle where they show in the result: it is longer than what was asked for. */
function flagsOf(call: RecvCall | RecvfromCall, result: number | undefined): number {
  const added = "added" in call ? (call.added ?? 0) : 0;
  return (result ?? 0) > call.length ? call.flags : call.flags & ~added;
}

const short = (call: RecvCall | RecvfromCall, result: number): string => {
  const got = call.untouched ? undefined : received(call, result, quotedText);
  return `${call.name}(${call.fd}, ${got === undefined ? "" : `${got}, `}${call.length}${flagsAfter(flagsOf(call, result))})`;
};

const exact = (call: RecvCall | RecvfromCall, result: number, from: string): string =>
  `recvfrom(${call.fd}, ${received(call, result) ?? SOMEWHERE}, ${call.length}, ${flagNames("msg", call.flags)}, ${from})`;

/**
 * It looks into the queue of errors. What it gets is nothing that a peer has sent: the bytes are those of a datagram of this socket's own.
 *
 * @internal
 */
export function looksForErrors({ flags }: { flags: number }): boolean {
  return (flags & constants.MSG_ERRQUEUE) !== 0;
}

const shown = (call: RecvCall | RecvfromCall, result: number | undefined): Shown => ({
  means: looksForErrors(call) ? undefined : "receives",
  data: receivedBytes(call, result),
  asked: looksForErrors(call) ? undefined : call.length,
  detail: chosenFlags(flagsOf(call, result)),
  peek: (call.flags & constants.MSG_PEEK) !== 0 || undefined,
  urgent: (call.flags & constants.MSG_OOB) !== 0 || undefined,
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

function recvCall(fd: number, buffer: Uint8Array, length: number, flags: number): RecvCall {
  return {
    name: "recv",
    fd: descriptor(fd),
    data: undefined,
    length: lengthWithin("length", length, buffer),
    flags: int("flags", flags),
  };
}

/**
 * recv, with minus the errno as the result where it failed.
 *
 * @internal
 */
export function tryRecv(fd: number, buffer: Uint8Array, length: number, flags: number): Tried<RecvCall> {
  const call = recvCall(fd, buffer, length, flags);
  const was = before(call.fd, buffer, call.length, call.flags);
  const start = starting();
  const result = libcOfPoll.recv(call.fd, buffer, call.length, call.flags);
  if (result >= 0) keep(call, buffer, result, was);
  return { call, result: returned(call, result, start) };
}

/** What the record keeps. With MSG_TRUNC the result is the datagram's own length, which can be more than the buffer holds. */
function keep(call: RecvCall | RecvfromCall, buffer: Uint8Array, result: number, was: Before): void {
  call.data = preview(buffer, Math.min(result, call.length));
  if (isUntouched(was, result, call.data)) call.untouched = true;
}

/**
 * recvfrom, with minus the errno as the result where it failed.
 *
 * @param added flags that the learner has not chosen: only a handle's, whose socket is known to write what it counts
 *
 * @internal
 */
export function tryRecvfrom(
  fd: number,
  buffer: Uint8Array,
  length: number,
  flags: number,
  added = 0,
): Tried<RecvfromCall> {
  const call: RecvfromCall = {
    name: "recvfrom",
    fd: descriptor(fd),
    length: lengthWithin("length", length, buffer),
    flags: int("flags", flags) | added,
    room: room.byteLength,
    added,
  };
  const was = before(call.fd, buffer, call.length, call.flags & ~added);
  const addressLength = freshRoomLength();
  const start = starting();
  const result = libc.recvfrom(call.fd, buffer, call.length, call.flags, room, addressLength);
  if (result >= 0) {
    keep(call, buffer, result, was);
    const from = returnedAddress();
    call.from = from.bytes;
    call.fromLength = from.length;
  }
  return { call, result: returned(call, result, start) };
}

/**
 * recv(2) takes bytes that have arrived into `buffer`. On a descriptor that blocks it waits 10 s at most: SO_RCVTIMEO is set first.
 *
 * Manual: man 2 recv.
 *
 * @param fd the descriptor of a connected socket, a C int
 * @param buffer where the bytes go
 * @param length at most this many bytes, 0 to all that the buffer holds (the default)
 * @param flags 0 (the default), or for example MSG_PEEK (leave them in the queue), MSG_TRUNC (return a datagram's true length; a TCP stream throws the bytes away and leaves the buffer as it is), MSG_DONTWAIT
 * @returns Returns how many bytes arrived; 0 on a stream is the end: the peer sends no more
 * @throws Errors: SocketError EAGAIN (nothing is there, or has come in time), ENOTCONN (not connected), ECONNRESET (ended abruptly), ECONNREFUSED (told of an earlier datagram), EBADF (not open), ENOTSOCK (no socket); RangeError for a descriptor that the notebook itself uses; TypeError and RangeError for what is no buffer, no such length or no C int
 */
export function recv(fd: number, buffer: ArrayBufferView, length?: number, flags = 0): number {
  sections?.enter();
  try {
    const bytes = memory("buffer", buffer);
    const count = length ?? sizeOf(bytes);
    if (isUnlimited(fd, "in")) limit(recvCall(fd, bytes, count, flags), "in");
    const since = clock();
    return succeedInTime(RECV, tryRecv(fd, bytes, count, flags), since);
  } finally {
    sections?.leave();
  }
}

/**
 * recvfrom(2) takes one datagram into `buffer` and tells who sent it. What does not fit into the buffer is lost. On a descriptor that
 * blocks it waits 10 s at most: SO_RCVTIMEO is set first.
 *
 * Manual: man 2 recv.
 *
 * @param fd the descriptor of a datagram socket, a C int
 * @param buffer where the bytes go
 * @param length at most this many bytes, 0 to all that the buffer holds (the default)
 * @param flags 0 (the default), or for example MSG_PEEK, MSG_TRUNC, MSG_DONTWAIT
 * @returns Returns its length, and the sender's address (none on a connected stream)
 * @throws Errors: SocketError EAGAIN (nothing is there, or has come in time), ENOTCONN (not connected), ECONNREFUSED (told of an earlier datagram), EBADF (not open), ENOTSOCK (no socket); RangeError for a descriptor that the notebook itself uses; TypeError and RangeError for what is no buffer, no such length or no C int
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
  sections?.enter();
  try {
    const bytes = memory("buffer", buffer);
    const room = length ?? sizeOf(bytes);
    if (isUnlimited(fd, "in")) limit(recvCall(fd, bytes, room, flags), "in");
    const since = clock();
    const done = tryRecvfrom(fd, bytes, room, flags);
    const count = succeedInTime(RECVFROM, done, since);
    const { from, fromLength } = done.call;
    return { length: count, address: from === undefined ? undefined : decodeSockaddr(from, fromLength ?? 0) };
  } finally {
    sections?.leave();
  }
}

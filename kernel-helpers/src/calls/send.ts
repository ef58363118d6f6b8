import type { SocketAddress } from "../bytes/sockaddr";
import { sections } from "../cells/whole";
import { constants } from "../facts/current";
import { flagNames } from "../facts/flags";
import { returned, starting } from "../libc/funnel";
import { declare, type Pointer } from "../libc/library";
import { givenAddress, sockaddr } from "./address";
import { bytesOfPreview, type Data, descriptor, int, lengthWithin, payload, preview, sizeOf } from "./arguments";
import type { Description, Tried } from "./description";
import { clock, isUnlimited, limit, succeedInTime } from "./limit";
import { addressText, chosenFlags, exactAddress, flagsAfter, quoted, quotedText } from "./words";

const libc = declare<{
  send(fd: number, data: Pointer, length: number, flags: number): number;
  sendto(fd: number, data: Pointer, length: number, flags: number, address: Pointer, addressLength: number): number;
}>({
  send: "intptr_t send(int fd, const void *data, size_t length, int flags)",
  sendto:
    "intptr_t sendto(int fd, const void *data, size_t length, int flags, const void *address, uint32_t addressLength)",
});

/** send(2), as the record keeps it. */
export interface SendCall {
  readonly name: "send";
  /** The descriptor that the call is made on, a C int. */
  readonly fd: number;
  /** The first bytes of what was to be sent, 64 at most, each as one letter (Latin-1). */
  readonly data: string;
  /** How many bytes were to be sent. */
  readonly length: number;
  /** The flags, such as MSG_NOSIGNAL, added by |; 0 for none. */
  readonly flags: number;
}

/** sendto(2), as the record keeps it. */
export interface SendtoCall extends Omit<SendCall, "name"> {
  readonly name: "sendto";
  /** The bytes of the sockaddr. */
  readonly address: Uint8Array;
}

export const SEND: Description<SendCall> = {
  short: ({ fd, data, length, flags }) => `send(${fd}, ${quotedText(data, length)}, ${length}${flagsAfter(flags)})`,
  exact: ({ fd, data, length, flags }) =>
    `sendto(${fd}, ${quoted(data, length)}, ${length}, ${flagNames("msg", flags)}, NULL, 0)`,
  shown: ({ data, length, flags }) => ({
    means: "sends",
    data: bytesOfPreview(data),
    asked: length,
    detail: chosenFlags(flags),
    urgent: (flags & constants.MSG_OOB) !== 0 || undefined,
  }),
};

export const SENDTO: Description<SendtoCall> = {
  short: ({ fd, data, length, flags, address }) =>
    `sendto(${fd}, ${quotedText(data, length)}, ${length}${flagsAfter(flags)}, ${addressText(address) ?? "?"})`,
  exact: ({ fd, data, length, flags, address }) =>
    `sendto(${fd}, ${quoted(data, length)}, ${length}, ${flagNames("msg", flags)}, ${exactAddress(address)}, ${address.byteLength})`,
  shown: ({ data, length, flags, address }) => ({
    means: "sends",
    data: bytesOfPreview(data),
    asked: length,
    detail: chosenFlags(flags),
    address: addressText(address),
  }),
  named: ({ address }) => address,
};

const { MSG_NOSIGNAL, MSG_DONTWAIT } = constants;

/** The flags that a learner can name, each alone. */
const NAMED = new Set([
  constants.MSG_OOB,
  constants.MSG_PEEK,
  constants.MSG_TRUNC,
  MSG_DONTWAIT,
  constants.MSG_WAITALL,
]);

/**
 * Flags of a send. In C the length comes third, and here a method of a handle has the flags there: `send("hello", 5)` would be
 * MSG_OOB|MSG_DONTROUTE, and the last byte would go out of band.
 *
 * @param lengths the numbers that a learner can have meant as the length
 * @throws RangeError when the flags are one of these, and not exactly one flag; TypeError and RangeError for what is no C int
 *
 * @internal
 */
export function sendFlags(flags: unknown, ...lengths: number[]): number {
  const number = int("flags", flags);
  if (number === 0 || !lengths.includes(number) || NAMED.has(number) || number === MSG_NOSIGNAL) return number;
  throw new RangeError(
    `flags is ${number}, which is the length of the data: as flags it means ${flagNames("msg", number)}. A handle's send() takes no length (it sends all: pass data.subarray(…) for a part), and flags are MSG_ constants.`,
  );
}

/** Where data of no bytes lies: koffi would pass NULL for it, and a C program passes the address of an empty string. */
const EMPTY = new Uint8Array(1);

function sendCall(fd: number, data: Uint8Array, length: number, flags: number): SendCall {
  const count = lengthWithin("length", length, data);
  return {
    name: "send",
    fd: descriptor(fd),
    data: preview(data, count),
    length: count,
    flags: (flags === 0 ? 0 : sendFlags(flags, count)) | MSG_NOSIGNAL,
  };
}

/**
 * send, with minus the errno as the result where it failed.
 *
 * @internal
 */
export function trySend(fd: number, data: Uint8Array, length: number, flags: number): Tried<SendCall> {
  const call = sendCall(fd, data, length, flags);
  const memory = call.length === 0 ? EMPTY : data;
  const start = starting();
  return { call, result: returned(call, libc.send(call.fd, memory, call.length, call.flags), start) };
}

function sendtoCall(
  fd: number,
  data: Uint8Array,
  length: number,
  flags: number,
  address: SocketAddress | Uint8Array,
): SendtoCall {
  const to = sockaddr(address);
  const count = lengthWithin("length", length, data);
  return {
    name: "sendto",
    fd: descriptor(fd),
    data: preview(data, count),
    length: count,
    flags: (flags === 0 ? 0 : sendFlags(flags, count)) | MSG_NOSIGNAL,
    address: to,
  };
}

/**
 * sendto, with minus the errno as the result where it failed.
 *
 * @internal
 */
export function trySendto(
  fd: number,
  data: Uint8Array,
  length: number,
  flags: number,
  address: SocketAddress | Uint8Array,
): Tried<SendtoCall> {
  const call = sendtoCall(fd, data, length, flags, address);
  const size = call.address.byteLength;
  const to = givenAddress(call.address);
  const memory = call.length === 0 ? EMPTY : data;
  const start = starting();
  return { call, result: returned(call, libc.sendto(call.fd, memory, call.length, call.flags, to, size), start) };
}

/**
 * send(2) hands bytes to the system, to be sent to the peer. MSG_NOSIGNAL is always added: a broken connection is the errno EPIPE, not a
 * signal that ends the process. On a descriptor that blocks it waits 10 s at most: SO_SNDTIMEO is set first.
 *
 * Manual: man 2 send.
 *
 * @param fd the descriptor of a connected socket, a C int
 * @param data text (as UTF-8) or bytes
 * @param length how many of the bytes to send, 0 to all of them (the default)
 * @param flags 0 (the default), or for example MSG_OOB, MSG_DONTWAIT
 * @returns Returns how many bytes the system took: on a stream it can be fewer than `length`
 * @throws Errors: SocketError EPIPE (not connected, or the peer is gone), ECONNRESET (ended abruptly), EAGAIN (the buffers are full, and stayed so), EDESTADDRREQ (a datagram without a destination), EMSGSIZE (a datagram too long), ECONNREFUSED (told of an earlier datagram), EBADF (not open), ENOTSOCK (no socket); RangeError for a descriptor that the notebook itself uses; TypeError and RangeError for what is no data, no such length or no C int
 */
export function send(fd: number, data: Data, length?: number, flags = 0): number {
  sections?.enter();
  try {
    const bytes = payload(data);
    const count = length ?? sizeOf(bytes);
    if (isUnlimited(fd, "out")) limit(sendCall(fd, bytes, count, flags), "out");
    const since = clock();
    return succeedInTime(SEND, trySend(fd, bytes, count, flags), since);
  } finally {
    sections?.leave();
  }
}

/**
 * sendto(2) sends one datagram to an address: whole, or not at all. It binds the socket to a free port if it has none.
 *
 * Manual: man 2 send.
 *
 * @param fd the descriptor of a datagram socket, a C int
 * @param data text (as UTF-8) or bytes
 * @param address where to, or the bytes of a sockaddr
 * @param length how many of the bytes to send, 0 to all of them (the default)
 * @param flags 0 (the default), or for example MSG_DONTWAIT
 * @returns Returns the number of bytes sent, always all of them for a datagram
 * @throws Errors: SocketError EMSGSIZE (more than 65,507 bytes over IPv4), EACCES (broadcast without SO_BROADCAST), EINVAL (port 0), ENETUNREACH (no way leads there), EAGAIN (the buffers are full, and stayed so), EBADF (not open), ENOTSOCK (no socket); RangeError for a descriptor that the notebook itself uses; TypeError and RangeError for what is no data, no address, no such length or no C int
 */
export function sendto(
  fd: number,
  data: Data,
  address: SocketAddress | Uint8Array,
  length?: number,
  flags = 0,
): number {
  sections?.enter();
  try {
    const bytes = payload(data);
    const count = length ?? sizeOf(bytes);
    const to = sockaddr(address);
    if (isUnlimited(fd, "out")) limit(sendtoCall(fd, bytes, count, flags, to), "out");
    const since = clock();
    return succeedInTime(SENDTO, trySendto(fd, bytes, count, flags, to), since);
  } finally {
    sections?.leave();
  }
}

/** Sends one byte to the thread that waits, to wake it. It leaves no record. */
export function wakeBySocket(fd: number): void {
  libc.send(fd, EMPTY, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

import type { SocketAddress } from "../bytes/sockaddr";
import { constants } from "../facts/current";
import { flagNames } from "../facts/flags";
import { returned, starting } from "../libc/funnel";
import { declare, type Pointer } from "../libc/library";
import { sockaddr } from "./address";
import { type Data, descriptor, int, lengthWithin, payload, preview, sizeOf } from "./arguments";
import { type Description, succeed, type Tried } from "./description";
import { addressText, chosenFlags, exactAddress, flagsAfter, quoted } from "./words";

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
  /** The first bytes of what was to be sent. */
  readonly data: readonly number[];
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
  short: ({ fd, data, length, flags }) => `send(${fd}, ${quoted(data, length)}, ${length}${flagsAfter(flags)})`,
  exact: ({ fd, data, length, flags }) =>
    `sendto(${fd}, ${quoted(data, length)}, ${length}, ${flagNames("msg", flags)}, NULL, 0)`,
  shown: ({ data, length, flags }) => ({
    means: "sends",
    data,
    asked: length,
    detail: chosenFlags(flags),
    urgent: (flags & constants.MSG_OOB) !== 0 || undefined,
  }),
};

export const SENDTO: Description<SendtoCall> = {
  short: ({ fd, data, length, flags, address }) =>
    `sendto(${fd}, ${quoted(data, length)}, ${length}${flagsAfter(flags)}, ${addressText(address) ?? "?"})`,
  exact: ({ fd, data, length, flags, address }) =>
    `sendto(${fd}, ${quoted(data, length)}, ${length}, ${flagNames("msg", flags)}, ${exactAddress(address)}, ${address.byteLength})`,
  shown: ({ data, length, flags, address }) => ({
    means: "sends",
    data,
    asked: length,
    detail: chosenFlags(flags),
    address: addressText(address),
  }),
  named: ({ address }) => address,
};

const { MSG_NOSIGNAL, MSG_DONTWAIT } = constants;

/** Where data of no bytes lies: koffi would pass NULL for it, and a C program passes the address of an empty string. */
const EMPTY = new Uint8Array(1);

/**
 * send, with minus the errno as the result where it failed.
 *
 * @internal
 */
export function trySend(fd: number, data: Uint8Array, length: number, flags: number): Tried<SendCall> {
  const count = lengthWithin("length", length, data);
  const call: SendCall = {
    name: "send",
    fd: descriptor(fd),
    data: preview(data, count),
    length: count,
    flags: int("flags", flags) | MSG_NOSIGNAL,
  };
  const memory = count === 0 ? EMPTY : data;
  const start = starting();
  return { call, result: returned(call, libc.send(call.fd, memory, count, call.flags), start) };
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
  const to = sockaddr(address);
  const count = lengthWithin("length", length, data);
  const call: SendtoCall = {
    name: "sendto",
    fd: descriptor(fd),
    data: preview(data, count),
    length: count,
    flags: int("flags", flags) | MSG_NOSIGNAL,
    address: to,
  };
  const memory = count === 0 ? EMPTY : data;
  const start = starting();
  const result = returned(call, libc.sendto(call.fd, memory, count, call.flags, to, to.byteLength), start);
  return { call, result };
}

/**
 * send(2) hands bytes to the system, to be sent to the peer. MSG_NOSIGNAL is always added: a broken connection is the errno EPIPE, not a
 * signal that ends the process.
 *
 * Manual: man 2 send.
 *
 * @param fd the descriptor of a connected socket, a C int
 * @param data text (as UTF-8) or bytes
 * @param length how many of the bytes to send, 0 to all of them (the default)
 * @param flags 0 (the default), or for example MSG_OOB, MSG_DONTWAIT
 * @returns Returns how many bytes the system took: on a stream it can be fewer than `length`
 * @throws Errors: SocketError EPIPE (not connected, or the peer is gone), ECONNRESET (ended abruptly), EAGAIN (non-blocking, and the buffers are full), EDESTADDRREQ (a datagram without a destination), EMSGSIZE (a datagram too long), ECONNREFUSED (told of an earlier datagram), EBADF (not open), ENOTSOCK (no socket); TypeError and RangeError for what is no data, no such length or no C int
 */
export function send(fd: number, data: Data, length?: number, flags = 0): number {
  const bytes = payload(data);
  const { call, result } = trySend(fd, bytes, length ?? sizeOf(bytes), flags);
  return succeed(SEND, call, result);
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
 * @throws Errors: SocketError EMSGSIZE (more than 65,507 bytes over IPv4), EACCES (broadcast without SO_BROADCAST), EINVAL (port 0), ENETUNREACH (no way leads there), EAGAIN (non-blocking, and the buffers are full), EBADF (not open), ENOTSOCK (no socket); TypeError and RangeError for what is no data, no address, no such length or no C int
 */
export function sendto(
  fd: number,
  data: Data,
  address: SocketAddress | Uint8Array,
  length?: number,
  flags = 0,
): number {
  const bytes = payload(data);
  const { call, result } = trySendto(fd, bytes, length ?? sizeOf(bytes), flags, address);
  return succeed(SENDTO, call, result);
}

/** Sends one byte to the thread that waits, to wake it. It leaves no record. */
export function wakeBySocket(fd: number): void {
  libc.send(fd, EMPTY, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

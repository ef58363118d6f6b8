import type { SocketAddress } from "../bytes/sockaddr";
import { constants } from "../facts";
import { type Call, libc, preview } from "../libc";
import { addressBytes } from "./address";
import { type Done, make, succeed } from "./done";
import { type Data, descriptor, int, lengthWithin, payload } from "./validate";

type SendCall = Extract<Call, { name: "send" }>;
type SendtoCall = Extract<Call, { name: "sendto" }>;

/** Where data of no bytes lies: koffi would pass NULL for it, and a C program passes the address of an empty string. */
const EMPTY = new Uint8Array(1);

function placeOf(data: Uint8Array): Uint8Array {
  return data.byteLength === 0 ? EMPTY : data;
}

/**
 * send, with minus the errno as the result where it failed.
 *
 * @internal
 */
export function trySend(fd: number, data: Uint8Array, length: number, flags: number): Done<SendCall> {
  const call: SendCall = {
    name: "send",
    fd: descriptor(fd),
    data: preview(data, length),
    length: lengthWithin("length", length, data),
    flags: int("flags", flags) | constants.MSG_NOSIGNAL,
  };
  return make(call, () => libc.send(call.fd, placeOf(data), call.length, call.flags));
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
): Done<SendtoCall> {
  const call: SendtoCall = {
    name: "sendto",
    fd: descriptor(fd),
    data: preview(data, length),
    length: lengthWithin("length", length, data),
    flags: int("flags", flags) | constants.MSG_NOSIGNAL,
    address: addressBytes(address),
  };
  const { address: to } = call;
  return make(call, () => libc.sendto(call.fd, placeOf(data), call.length, call.flags, to, to.byteLength));
}

/**
 * send(2) hands bytes to the system, to be sent to the peer. MSG_NOSIGNAL is always added: a broken connection is the errno EPIPE, not a
 * signal that ends the process.
 *
 * @param data text (as UTF-8) or bytes
 * @param length how many of the bytes to send, at most all of them (the default)
 * @param flags for example MSG_OOB, MSG_DONTWAIT
 * @returns how many bytes the system took: on a stream it can be fewer than `length`
 * @throws SocketError EPIPE (not connected, or the peer is gone), ECONNRESET, EAGAIN (non-blocking, and the buffers are full), EDESTADDRREQ (a datagram without a destination), EMSGSIZE (a datagram too long), ECONNREFUSED (told of an earlier datagram), EBADF, ENOTSOCK
 */
export function send(fd: number, data: Data, length?: number, flags = 0): number {
  const bytes = payload(data);
  return succeed(trySend(fd, bytes, length ?? bytes.byteLength, flags));
}

/**
 * sendto(2) sends one datagram to an address: whole, or not at all. It binds the socket to a free port if it has none.
 *
 * @returns the number of bytes sent, always all of them for a datagram
 * @throws SocketError EMSGSIZE (more than 65,507 bytes over IPv4), EACCES (broadcast without SO_BROADCAST), EINVAL (port 0), ENETUNREACH, EAGAIN, EBADF, ENOTSOCK
 */
export function sendto(
  fd: number,
  data: Data,
  address: SocketAddress | Uint8Array,
  length?: number,
  flags = 0,
): number {
  const bytes = payload(data);
  return succeed(trySendto(fd, bytes, length ?? bytes.byteLength, flags, address));
}

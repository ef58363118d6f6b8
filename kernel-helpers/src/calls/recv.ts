import { decodeSockaddr } from "../bytes";
import type { SocketAddress } from "../bytes/sockaddr";
import { type Call, libc, preview } from "../libc";
import { freshRoomLength, returnedAddress, room } from "./address";
import { type Done, make, succeed } from "./done";
import { descriptor, int, lengthWithin, memory } from "./validate";

type RecvCall = Extract<Call, { name: "recv" }>;
type RecvfromCall = Extract<Call, { name: "recvfrom" }>;

/**
 * recv, with minus the errno as the result where it failed.
 *
 * @internal
 */
export function tryRecv(fd: number, buffer: Uint8Array, length: number, flags: number): Done<RecvCall> {
  const call: RecvCall = {
    name: "recv",
    fd: descriptor(fd),
    length: lengthWithin("length", length, buffer),
    flags: int("flags", flags),
  };
  return make(call, () => {
    const result = libc.recv(call.fd, buffer, call.length, call.flags);
    // With MSG_TRUNC the result is the datagram's own length, which can be more than the buffer holds.
    if (result >= 0) call.data = preview(buffer, Math.min(result, call.length));
    return result;
  });
}

/**
 * recvfrom, with minus the errno as the result where it failed.
 *
 * @internal
 */
export function tryRecvfrom(fd: number, buffer: Uint8Array, length: number, flags: number): Done<RecvfromCall> {
  const call: RecvfromCall = {
    name: "recvfrom",
    fd: descriptor(fd),
    length: lengthWithin("length", length, buffer),
    flags: int("flags", flags),
    room: room.byteLength,
  };
  return make(call, () => {
    const result = libc.recvfrom(call.fd, buffer, call.length, call.flags, room, freshRoomLength());
    if (result >= 0) {
      call.data = preview(buffer, Math.min(result, call.length));
      const { bytes, length: fromLength } = returnedAddress();
      call.from = bytes;
      call.fromLength = fromLength;
    }
    return result;
  });
}

/**
 * recv(2) takes bytes that have arrived into `buffer`.
 *
 * @param length at most this many, and never more than the buffer holds (the default)
 * @param flags for example MSG_PEEK (leave them in the queue), MSG_TRUNC (return a datagram's true length), MSG_DONTWAIT
 * @returns how many bytes arrived; 0 on a stream is the end: the peer has closed
 * @throws SocketError EAGAIN (non-blocking, and nothing is there), ENOTCONN, ECONNRESET, ECONNREFUSED (told of an earlier datagram), EBADF, ENOTSOCK
 */
export function recv(fd: number, buffer: ArrayBufferView, length?: number, flags = 0): number {
  const bytes = memory("buffer", buffer);
  return succeed(tryRecv(fd, bytes, length ?? bytes.byteLength, flags));
}

/**
 * recvfrom(2) takes one datagram into `buffer` and tells who sent it. What does not fit into the buffer is lost.
 *
 * @returns its length, and the sender's address (none on a connected stream)
 * @throws SocketError EAGAIN, ENOTCONN, ECONNREFUSED (told of an earlier datagram), EBADF, ENOTSOCK
 */
export function recvfrom(
  fd: number,
  buffer: ArrayBufferView,
  length?: number,
  flags = 0,
): { length: number; address: SocketAddress | undefined } {
  const bytes = memory("buffer", buffer);
  const done = tryRecvfrom(fd, bytes, length ?? bytes.byteLength, flags);
  const received = succeed(done);
  const { from, fromLength } = done.call;
  return { length: received, address: from === undefined ? undefined : decodeSockaddr(from, fromLength ?? 0) };
}

import { decodeSockaddr } from "../bytes";
import type { SocketAddress } from "../bytes/sockaddr";
import { constants, facts } from "../facts";
import { type Call, libc } from "../libc";
import { freshRoomLength, returnedAddress, room } from "./address";
import { type Done, make, succeed } from "./done";
import { fcntl } from "./fcntl";
import { own } from "./owned";
import { descriptor, int } from "./validate";

type AcceptCall = Extract<Call, { name: "accept" }>;

/**
 * accept, with minus the errno as the result where it failed.
 *
 * @internal
 */
export function tryAccept(fd: number, flags: number): Done<AcceptCall> {
  const call: AcceptCall = {
    name: "accept",
    fd: descriptor(fd),
    flags: int("flags", flags) | constants.SOCK_CLOEXEC,
    room: room.byteLength,
  };
  return make(call, () => {
    const result =
      facts.os === "linux"
        ? libc.accept4(call.fd, room, freshRoomLength(), call.flags)
        : libc.accept(call.fd, room, freshRoomLength());
    if (result >= 0) {
      const { bytes, length } = returnedAddress();
      call.from = bytes;
      call.fromLength = length;
    }
    return own(result);
  });
}

/**
 * accept(2) takes the connection that has waited longest and returns a NEW socket for it; the listening socket goes on listening.
 * SOCK_CLOEXEC is always added (accept4 on Linux).
 *
 * @param flags SOCK_NONBLOCK makes the new socket non-blocking (on macOS it inherits that from the listener)
 * @returns the new descriptor and the client's address
 * @throws SocketError EAGAIN (non-blocking, and nobody waits), EINVAL (not listening), EOPNOTSUPP (a datagram socket), EMFILE, ECONNABORTED, EBADF, ENOTSOCK
 */
export function accept(fd: number, flags = 0): { fd: number; address: SocketAddress | undefined } {
  const done = tryAccept(fd, flags);
  const accepted = succeed(done);
  if (facts.os === "darwin") fcntl(accepted, constants.F_SETFD, constants.FD_CLOEXEC);
  const { from, fromLength } = done.call;
  return { fd: accepted, address: from === undefined ? undefined : decodeSockaddr(from, fromLength ?? 0) };
}

import { decodeSockaddr } from "../bytes";
import type { SocketAddress } from "../bytes/sockaddr";
import { type Call, libc } from "../libc";
import { freshRoomLength, returnedAddress, room } from "./address";
import { make, succeed } from "./done";
import { descriptor } from "./validate";

type NameCall = Extract<Call, { name: "getsockname" | "getpeername" }>;

function ask(name: NameCall["name"], fd: number): SocketAddress | undefined {
  const call: NameCall = { name, fd: descriptor(fd), room: room.byteLength };
  succeed(
    make(call, () => {
      const result = libc[name](call.fd, room, freshRoomLength());
      if (result === 0) {
        const { bytes, length } = returnedAddress();
        call.address = bytes;
        call.addressLength = length;
      }
      return result;
    }),
  );
  return decodeSockaddr(call.address ?? room, call.addressLength ?? 0);
}

/**
 * getsockname(2) tells the local address of a socket. Before bind(2) it is `0.0.0.0:0`.
 *
 * @throws SocketError EBADF, ENOTSOCK
 */
export function getsockname(fd: number): SocketAddress | undefined {
  return ask("getsockname", fd);
}

/**
 * getpeername(2) tells the address of the peer.
 *
 * @throws SocketError ENOTCONN (no peer), EBADF, ENOTSOCK
 */
export function getpeername(fd: number): SocketAddress | undefined {
  return ask("getpeername", fd);
}

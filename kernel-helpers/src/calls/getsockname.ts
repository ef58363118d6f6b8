import { decodeSockaddr } from "../bytes";
import type { SocketAddress } from "../bytes/sockaddr";
import { declare, type Pointer, returned, starting } from "../libc";
import { freshRoomLength, returnedAddress, room } from "./address";
import { descriptor } from "./arguments";
import { type Description, succeed } from "./description";
import { addressText, arrowed, exactRoom } from "./words";

const libc = declare<{ getsockname(fd: number, address: Pointer, length: Pointer): number }>({
  getsockname: "int getsockname(int fd, void *address, void *length)",
});

/** getsockname(2), as the record keeps it. */
export interface GetsocknameCall {
  readonly name: "getsockname";
  /** The descriptor that the call is made on, a C int. */
  readonly fd: number;
  /** How many bytes there was room for the address. */
  readonly room: number;
  /** The bytes of the address, when it has succeeded. */
  address?: Uint8Array;
  /** How many bytes the system says that the address has. */
  addressLength?: number;
}

export const GETSOCKNAME: Description<GetsocknameCall> = {
  short: ({ fd }) => `getsockname(${fd})`,
  exact: ({ fd, address, room: size, addressLength }) =>
    `getsockname(${fd}, ${exactRoom(address, size, addressLength)})`,
  told: ({ address, addressLength }) => arrowed("→", address, addressLength),
  shown: ({ address, addressLength }) => ({
    means: "tells local",
    told: "→",
    address: addressText(address, addressLength),
  }),
};

/**
 * getsockname(2) tells the local address of a socket. Before bind(2) it is `0.0.0.0:0`.
 *
 * Manual: man 2 getsockname.
 *
 * @param fd the descriptor of a socket, a C int
 * @returns Returns the address; nothing (undefined) where the system gives none
 * @throws Errors: SocketError EBADF (not open), ENOTSOCK (no socket); TypeError and RangeError for what is no C int
 */
export function getsockname(fd: number): SocketAddress | undefined {
  const call: GetsocknameCall = { name: "getsockname", fd: descriptor(fd), room: room.byteLength };
  const length = freshRoomLength();
  const start = starting();
  const result = libc.getsockname(call.fd, room, length);
  if (result === 0) {
    const found = returnedAddress();
    call.address = found.bytes;
    call.addressLength = found.length;
  }
  succeed(GETSOCKNAME, call, returned(call, result, start));
  return decodeSockaddr(call.address ?? room, call.addressLength ?? 0);
}

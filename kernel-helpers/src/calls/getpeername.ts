import { decodeSockaddr } from "../bytes";
import type { SocketAddress } from "../bytes/sockaddr";
import { declare, type Pointer, returned, starting } from "../libc";
import { freshRoomLength, returnedAddress, room } from "./address";
import { descriptor } from "./arguments";
import { type Description, succeed } from "./description";
import { addressText, arrowed, exactRoom } from "./words";

const libc = declare<{ getpeername(fd: number, address: Pointer, length: Pointer): number }>({
  getpeername: "int getpeername(int fd, void *address, void *length)",
});

/** getpeername(2), as the record keeps it. */
export interface GetpeernameCall {
  readonly name: "getpeername";
  /** The descriptor that the call is made on, a C int. */
  readonly fd: number;
  /** How many bytes there was room for the address. */
  readonly room: number;
  /** The bytes of the address, when it has succeeded. */
  address?: Uint8Array;
  /** How many bytes the system says that the address has. */
  addressLength?: number;
}

export const GETPEERNAME: Description<GetpeernameCall> = {
  short: ({ fd }) => `getpeername(${fd})`,
  exact: ({ fd, address, room: size, addressLength }) =>
    `getpeername(${fd}, ${exactRoom(address, size, addressLength)})`,
  told: ({ address, addressLength }) => arrowed("→", address, addressLength),
  shown: ({ address, addressLength }) => ({
    means: "tells peer",
    told: "→",
    address: addressText(address, addressLength),
  }),
};

/**
 * getpeername(2) tells the address of the peer: of the socket at the other end.
 *
 * Manual: man 2 getpeername.
 *
 * @param fd the descriptor of a socket, a C int
 * @returns Returns the address; nothing (undefined) where the system gives none
 * @throws Errors: SocketError ENOTCONN (no peer), EBADF (not open), ENOTSOCK (no socket); TypeError and RangeError for what is no C int
 */
export function getpeername(fd: number): SocketAddress | undefined {
  const call: GetpeernameCall = { name: "getpeername", fd: descriptor(fd), room: room.byteLength };
  const length = freshRoomLength();
  const start = starting();
  const result = libc.getpeername(call.fd, room, length);
  if (result === 0) {
    const found = returnedAddress();
    call.address = found.bytes;
    call.addressLength = found.length;
  }
  succeed(GETPEERNAME, call, returned(call, result, start));
  return decodeSockaddr(call.address ?? room, call.addressLength ?? 0);
}

import type { SocketAddress } from "../bytes/sockaddr";
import { declare, type Pointer, returned, starting } from "../libc";
import { sockaddr } from "./address";
import { type Description, succeed } from "./description";
import { ownDescriptor } from "./descriptors";
import { addressText, exactAddress } from "./words";

const libc = declare<{ bind(fd: number, address: Pointer, length: number): number }>({
  bind: "int bind(int fd, const void *address, uint32_t length)",
});

/** bind(2), as the record keeps it. */
export interface BindCall {
  readonly name: "bind";
  /** The descriptor that the call is made on, a C int. */
  readonly fd: number;
  /** The bytes of the sockaddr. */
  readonly address: Uint8Array;
}

export const BIND: Description<BindCall> = {
  short: ({ fd, address }) => `bind(${fd}, ${addressText(address) ?? "?"})`,
  exact: ({ fd, address }) => `bind(${fd}, ${exactAddress(address)}, ${address.byteLength})`,
  shown: ({ address }) => ({ means: "binds", address: addressText(address) }),
  named: ({ address }) => address,
};

/**
 * bind(2) gives a socket its local address, so that what arrives there reaches this socket.
 *
 * Manual: man 2 bind.
 *
 * @param fd the descriptor of a socket, a C int
 * @param address the local address; port 0 lets the system choose one. Or the bytes of a sockaddr
 * @param length how many bytes of it to pass, 0 to all of them (the default)
 * @throws Errors: SocketError EADDRINUSE (taken), EADDRNOTAVAIL (not an address of this machine), EACCES (port below 1024), EINVAL (bound already, or too short), EAFNOSUPPORT (wrong family), EBADF (not open), ENOTSOCK (no socket); RangeError for a descriptor that the notebook itself uses; TypeError and RangeError for what is no address, no port (0 to 65535) or no length
 */
export function bind(fd: number, address: SocketAddress | Uint8Array, length?: number): void {
  const call: BindCall = { name: "bind", fd: ownDescriptor(fd), address: sockaddr(address, length) };
  const start = starting();
  succeed(BIND, call, returned(call, libc.bind(call.fd, call.address, call.address.byteLength), start));
}

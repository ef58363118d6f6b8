/** The address of a socket, as bind(2), connect(2) and the rest take and give it. */
export type SocketAddress =
  | { readonly family: "AF_INET"; readonly address: string; readonly port: number }
  | {
      readonly family: "AF_INET6";
      readonly address: string;
      readonly port: number;
      readonly flowinfo: number;
      /** The number of the interface for a link-local address, else 0. */
      readonly scopeId: number;
    }
  /** "" is a socket without a name; a leading "\0" makes a Linux abstract name, which is no file. */
  | { readonly family: "AF_UNIX"; readonly path: string }
  | { readonly family: "AF_UNSPEC" }
  /** A family without a codec here, by its number, and also an address too short for its family: the bytes after the family. */
  | { readonly family: `${number}`; readonly data: Uint8Array };

/** Bytes that hold an address of any family: struct sockaddr_storage. */
export const SOCKADDR_STORAGE_SIZE = 128;

/** Bytes before the address itself: the family, or on macOS one byte of length and one of family. */
export const FAMILY_SIZE = 2;

/** Where the port and the address lie in a sockaddr_in and a sockaddr_in6, in bytes. Source: ip(7), ipv6(7). */
export const SOCKADDR_OFFSETS = { port: 2, ipv4: 4, flowinfo: 4, ipv6: 8, scopeId: 24 } as const;

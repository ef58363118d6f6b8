/** The address of a socket, as bind(2), connect(2) and the rest take and give it. */
export type SocketAddress =
  | {
      readonly family: "AF_INET";
      /** Four numbers: "127.0.0.1". */
      readonly address: string;
      /** 0 to 65535. */
      readonly port: number;
    }
  | {
      readonly family: "AF_INET6";
      /** For example "::1". */
      readonly address: string;
      /** 0 to 65535. */
      readonly port: number;
      /** The flow label, 0 to 4294967295; 0 in nearly all programs. */
      readonly flowinfo: number;
      /** The number of the interface for a link-local address, else 0. */
      readonly scopeId: number;
    }
  | {
      readonly family: "AF_UNIX";
      /** A file's path, at most 107 bytes; "" is a socket without a name; a leading "\0" makes a Linux abstract name, which is no file. */
      readonly path: string;
    }
  | { readonly family: "AF_UNSPEC" }
  | {
      /** The number of a family that is not known here, or whose address is too short for it: "16". */
      readonly family: `${number}`;
      /** The bytes after the family. */
      readonly data: Uint8Array;
    };

/** Bytes that hold an address of any family: struct sockaddr_storage. */
export const SOCKADDR_STORAGE_SIZE = 128;

/** Bytes before the address itself: the family, or on macOS one byte of length and one of family. */
export const FAMILY_SIZE = 2;

/** Where the port and the address lie in a sockaddr_in and a sockaddr_in6, in bytes. Source: ip(7), ipv6(7). */
export const SOCKADDR_OFFSETS = { port: 2, ipv4: 4, flowinfo: 4, ipv6: 8, scopeId: 24 } as const;

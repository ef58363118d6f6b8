/** What is known about a failed call, beside its name and errno. What is not known is left out. */
export interface Known {
  /** The call as a trace shows it: it names options and flags. */
  call?: string | undefined;
  /** The address that the call named, and its family; of IPv6 the number of the interface, 0 for none. */
  address?: string | undefined;
  port?: number | undefined;
  family?: string | undefined;
  scope?: number | undefined;
  /** What the handle knows of its socket. */
  socket?: KnownSocket | undefined;
}

/** What a handle knows of its socket. */
export interface KnownSocket {
  /** "AF_INET", "AF_INET6" or "AF_UNIX". */
  readonly family: string;
  readonly datagram: boolean;
  /** Its address, where it has one: "127.0.0.1:20733". */
  readonly local: string | undefined;
  readonly peer: string | undefined;
}

const familyOf = ({ family, socket, call = "" }: Known): string | undefined =>
  socket?.family ?? family ?? /^socket(?:pair)?\((AF_\w+)/.exec(call)?.[1];

const is = (family: string) => (known: Known) => familyOf(known) === family;
const unix = is("AF_UNIX");
const names = (pattern: RegExp) => (known: Known) => pattern.test(known.call ?? "");

const LOOPBACK = /^(127\.|\[?::1\b|\[?::ffff:127\.)/;

/** Under which circumstances an advice is true: each by its name, with how it is known. Nothing that is not known is taken for granted. */
export const CIRCUMSTANCES = {
  unix,
  ipv4: is("AF_INET"),
  ipv6: is("AF_INET6"),
  internet: (known: Known) => is("AF_INET")(known) || is("AF_INET6")(known),
  datagram: ({ socket }: Known) => socket?.datagram === true,
  stream: ({ socket }: Known) => socket?.datagram === false,
  bound: ({ socket }: Known) => socket?.local !== undefined,
  connected: ({ socket }: Known) => socket?.peer !== undefined,
  /** A Unix-domain socket that has neither a path nor a peer. */
  unixUnbound: (known: Known) =>
    unix(known) && known.socket !== undefined && known.socket.local === undefined && known.socket.peer === undefined,
  /** The call names a Unix-domain name that is no file. */
  abstract: (known: Known) => unix(known) && known.address?.startsWith("\0") === true,
  /** The call names the address of a Unix-domain socket that has none. */
  unnamed: (known: Known) => unix(known) && known.address === "",
  /** The call names no address, but AF_UNSPEC. */
  unspec: ({ family }: Known) => family === "AF_UNSPEC",
  port0: ({ port }: Known) => port === 0,
  /** ::1 */
  loopback6: ({ address }: Known) => address === "::1",
  /** An IPv6 address that every interface has, and no interface. */
  linkLocal: ({ address = "", scope }: Known) => /^fe[89ab][0-9a-f]:/i.test(address) && scope === 0,
  /** From a loopback address to one that is none. */
  fromLoopback: ({ address, socket }: Known) =>
    address !== undefined && address !== "" && !LOOPBACK.test(address) && LOOPBACK.test(socket?.local ?? ""),
  /** A Unix-domain socket's call that names no address. */
  unixWithoutAddress: (known: Known) => unix(known) && known.address === undefined,
  raw: names(/SOCK_RAW|SOCK_PACKET/),
  /** Without a protocol. */
  rawOfNone: names(/^socket\(\w+, SOCK_RAW\)/),
  outOfBand: names(/MSG_OOB/),
  /** It looks into the queue of errors. */
  ofErrors: names(/MSG_ERRQUEUE/),
  /** The interface is left to the system. */
  membershipAnywhere: names(
    /(IP_ADD_MEMBERSHIP|IP_DROP_MEMBERSHIP), \{\S+, 0\.0\.0\.0\}|(IPV6_JOIN_GROUP|IPV6_LEAVE_GROUP), \{\S+, 0\}/,
  ),
  membership: names(/IP_ADD_MEMBERSHIP|IPV6_JOIN_GROUP|IP_DROP_MEMBERSHIP|IPV6_LEAVE_GROUP/),
  leaving: names(/IP_DROP_MEMBERSHIP|IPV6_LEAVE_GROUP/),
  multicastInterface: names(/IP_MULTICAST_IF/),
  device: names(/SO_BINDTODEVICE/),
  filter: names(/SO_DETACH_FILTER/),
  /** IPV6_V6ONLY on a socket that is bound. */
  tooLate: (known: Known) => names(/IPV6_V6ONLY/)(known) && known.socket?.local !== undefined,
  otherwise: () => true,
} satisfies Record<string, (known: Known) => boolean>;

/** The name of a circumstance. */
export type Circumstance = keyof typeof CIRCUMSTANCES;

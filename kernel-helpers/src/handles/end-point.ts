import { formatSockaddr, ipFamily, parseIPv6 } from "../bytes";
import { integerBetween, shown } from "../bytes/arguments";
import type { SocketAddress } from "../bytes/sockaddr";
import { getpeername, getsockname } from "../calls";
import { withZoneNumber } from "../calls/if_nametoindex";
import { constants } from "../facts";
import type { OwnSocket } from "./open-socket";

/** 127.0.0.1: this machine, seen from itself. See man 7 ip. */
export const LOOPBACK = "127.0.0.1";
/** ::1: this machine, seen from itself, over IPv6. See man 7 ipv6. */
export const LOOPBACK6 = "::1";
/** 0.0.0.0: every IPv4 address of this machine (to bind). See man 7 ip. */
export const ANY = "0.0.0.0";
/** :: every IPv6 address of this machine (to bind); IPv4 too, unless IPV6_V6ONLY is set. See man 7 ipv6. */
export const ANY6 = "::";

/** One end of a conversation, as the system tells it. For a Unix-domain socket the address is its path ("" when it has none) and the port is 0. */
export interface EndPoint {
  /** "AF_INET", "AF_INET6" or "AF_UNIX". */
  family: string;
  /** "127.0.0.1", "::1" (with "%2" after a link-local address: the number of its interface), or a path. */
  address: string;
  /** 0 to 65535. */
  port: number;
}

/**
 * The same as the system's address, in the form that a learner sees.
 *
 * @internal
 */
export function endPoint(address: SocketAddress | undefined): EndPoint {
  if (address === undefined) return { family: "AF_UNSPEC", address: "", port: 0 };
  if ("port" in address) {
    const scope = "scopeId" in address && address.scopeId !== 0 ? `%${address.scopeId}` : "";
    return { family: address.family, address: address.address + scope, port: address.port };
  }
  return { family: address.family, address: "path" in address ? address.path : "", port: 0 };
}

/**
 * The address of a call, in the family of the socket.
 *
 * @throws TypeError when it is not an address of this family, RangeError when the port is none
 *
 * @internal
 */
export function addressFor(sock: Pick<OwnSocket, "name" | "family">, address: string, port?: number): SocketAddress {
  if (typeof address !== "string")
    throw new TypeError(`The address is a text such as "127.0.0.1", not ${shown(address)}.`);
  if (sock.family === constants.AF_UNIX) {
    if (port !== undefined) throw new TypeError("A Unix-domain address is a path and has no port: leave the port out.");
    return { family: "AF_UNIX", path: address };
  }
  mustFit(sock, address);
  if (sock.family === constants.AF_INET6) address = withZoneNumber(address);
  const number = integerBetween("A port", port, 0, 0xffff);
  if (sock.family === constants.AF_INET) return { family: "AF_INET", address, port: number };
  const { scopeId } = parseIPv6(address);
  return { family: "AF_INET6", address: address.split("%")[0]!, port: number, flowinfo: 0, scopeId };
}

function mustFit(sock: Pick<OwnSocket, "name" | "family">, address: string): void {
  const family = ipFamily(address.split("%")[0] ?? "");
  if (sock.family === constants.AF_INET && family === 6) {
    throw new TypeError(
      `${shown(address)} is an IPv6 address, and "${sock.name}" is an IPv4 socket. Make the socket with AF_INET6.`,
    );
  }
  if (sock.family === constants.AF_INET6 && family === 4) {
    throw new TypeError(
      `${shown(address)} is an IPv4 address, and "${sock.name}" is an IPv6 socket. Write "::ffff:${address}", or use AF_INET.`,
    );
  }
  if (family === 0 && address === "localhost") {
    throw new TypeError(
      '"localhost" is a name, and these calls take addresses. Write "127.0.0.1" (LOOPBACK), or "::1" for IPv6.',
    );
  }
}

/**
 * getsockname(2) on a handle.
 *
 * @internal
 */
export function localEnd(sock: OwnSocket): EndPoint {
  const address = sock.now("getsockname", () => getsockname(sock.fd));
  if (address !== undefined) sock.local = formatSockaddr(address);
  return endPoint(address);
}

/**
 * getpeername(2) on a handle.
 *
 * @internal
 */
export function peerEnd(sock: OwnSocket): EndPoint {
  return endPoint(sock.now("getpeername", () => getpeername(sock.fd)));
}

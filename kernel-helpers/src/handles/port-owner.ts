import { formatSockaddr } from "../bytes";
import { getsockname, getsockopt } from "../calls";
import { isOurs } from "../calls/descriptors";
import { SENTENCES } from "../errors/sentences";
import { constants, IPV6_V6ONLY, SO_ACCEPTCONN, SO_REUSEADDR } from "../facts";
import type { SocketOption } from "../facts/option";
import {
  conflict,
  describeHolder,
  endOf,
  inodeOf,
  networkOf,
  portHolder,
  socketTable,
  type WantedPort,
} from "../inspection";
import { type Neighbour, neighbours } from "./neighbours";
import type { OpenSocket, OwnSocket } from "./open-socket";
import { openHandles } from "./registry";

/** A port that is taken, and what wanted it: that does not stand in its own way. */
export interface TakenPort extends WantedPort {
  by: object;
}

/** Who has the port: an own handle, one of another process of the notebook, or what the system tells. */
export function whoHasPort(wanted: TakenPort): string {
  const network = networkOfWanted(wanted);
  const own = networkOf() === network ? openHandles().filter((sock) => wants(sock, wanted)) : [];
  const guilty = own.filter((sock) => blocks(sock, wanted));
  const rival = guilty.find(({ listener }) => listener === undefined) ?? guilty[0];
  if (rival !== undefined) return SENTENCES.portOfHandle(rival.name, stateOf(rival));
  const theirs = neighbours().filter((neighbour) => (neighbour.network ?? networkOf()) === network);
  return ofNeighbour(theirs, wanted) ?? whatSystemTells(wanted, innocentIn(own, theirs));
}

/** The network in which the port was wanted: in another one, sockets stand in nobody's way. */
function networkOfWanted({ pid }: TakenPort): string | undefined {
  return neighbours().find((neighbour) => neighbour.pid === pid)?.network ?? networkOf();
}

/** Whether a socket of this process has an address at which nobody else can have the same port, as a rule. */
function wants(sock: OwnSocket, wanted: TakenPort): boolean {
  if (sock === wanted.by || sock.isDatagram !== wanted.datagram || !sock.isInternet) return false;
  const place = placeOf(sock);
  if (place?.port !== wanted.port || !conflict(place.address, wanted.address)) return false;
  // An IPv6 socket takes IPv4 too, unless it was told not to.
  if (place.address === "::" && isIPv4(wanted.address)) return !isSet(sock, IPV6_V6ONLY);
  if (wanted.address === "::" && isIPv4(place.address)) return !isOwn(wanted.by) || !isSet(wanted.by, IPV6_V6ONLY);
  return true;
}

const isIPv4 = (address: string): boolean => /^(::ffff:)?\d+\./i.test(address);

/**
 * Whether it stands in the way. Two sockets with SO_REUSEADDR can have one port, unless one of them listens (socket(7)): what a listener has
 * accepted does not, when somebody else listens there by now.
 */
function blocks(sock: OwnSocket, { by, datagram }: TakenPort): boolean {
  if (isSet(sock, SO_ACCEPTCONN)) return true;
  // Of a handle of another process it is known that bind() sets it, for a stream.
  const shares = isOwn(by) ? isSet(by, SO_REUSEADDR) : !datagram;
  return !shares || !isSet(sock, SO_REUSEADDR);
}

function isOwn(by: object): by is OwnSocket {
  return "quietly" in by;
}

function isSet(sock: OwnSocket, { level, number }: SocketOption<unknown>): boolean {
  try {
    return sock.quietly(() => getsockopt(sock.fd, level, number))[0] === 1;
  } catch {
    // Its descriptor was closed behind our back.
    return false;
  }
}

/** Connections of the notebook's own that have the port, and share it: the numbers of their sockets. */
function innocentIn(own: readonly OwnSocket[], theirs: readonly Neighbour[]): Set<number> {
  const inodes = own.map(({ fd }) => inodeOf(fd));
  for (const neighbour of theirs)
    for (const sock of neighbour.openHandles()) if (isConnection(sock)) inodes.push(inodeOf(sock.fd, neighbour.pid));
  return new Set(inodes.filter((inode) => inode !== undefined));
}

/** A stream that is connected, of another process: SO_REUSEADDR was set by bind(), of it or of its listener. */
function isConnection({ type, peer }: OpenSocket): boolean {
  return type === constants.SOCK_STREAM && peer !== undefined;
}

/** Where an internet socket is, as the system tells it now. */
export function placeOf(sock: OwnSocket): { address: string; port: number } | undefined {
  try {
    const place = sock.quietly(() => getsockname(sock.fd));
    if (place === undefined || !("port" in place)) return undefined;
    sock.local = formatSockaddr(place);
    return place;
  } catch {
    // Its descriptor was closed behind our back: it has no port.
    return undefined;
  }
}

function stateOf(sock: OwnSocket): string {
  if (isSet(sock, SO_ACCEPTCONN)) return "listening";
  return sock.peer === undefined || sock.isDatagram ? `at ${sock.local}` : "a connection that is still open";
}

/** Also finds a socket that is bound and does not listen, which the system's table does not show. */
function ofNeighbour(theirs: readonly Neighbour[], wanted: TakenPort): string | undefined {
  for (const neighbour of theirs) {
    const rival = neighbour.openHandles().find((sock) => {
      if (sock === wanted.by || (sock.type === constants.SOCK_DGRAM) !== wanted.datagram || isConnection(sock))
        return false;
      const place = endOf(sock.local);
      return place?.port === wanted.port && conflict(place.address, wanted.address);
    });
    if (rival !== undefined) return byHandle(rival.name, neighbour);
  }
  return undefined;
}

function byHandle(name: string, { name: process, pid }: Neighbour): string {
  return SENTENCES.portOfOtherHandle(name, process, `${pid}`);
}

/** @param innocent sockets that it is not */
function whatSystemTells(wanted: TakenPort, innocent: ReadonlySet<number>): string {
  const rows = socketTable(wanted.datagram ? "udp" : "tcp", wanted.pid);
  const holder = portHolder(
    wanted,
    rows?.filter(({ inode }) => !innocent.has(inode)),
  );
  if (holder.kind !== "process") return describeHolder(holder, wanted.port);
  const { pid, fd } = holder.owner;
  if (pid === process.pid) {
    const words = isOurs(fd) ? SENTENCES.portOfDescriptor : SENTENCES.portOfNode;
    return words(`${wanted.port}`, `${fd}`);
  }
  const known = neighbours().find((neighbour) => neighbour.pid === pid);
  if (known === undefined) return describeHolder(holder, wanted.port);
  return byHandle(known.openHandles().find((sock) => sock.fd === fd)?.name ?? `descriptor ${fd}`, known);
}

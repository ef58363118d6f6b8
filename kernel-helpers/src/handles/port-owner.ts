import { formatSockaddr } from "../bytes";
import { getsockname, getsockopt } from "../calls";
import { isOurs } from "../calls/descriptors";
import { SENTENCES } from "../errors/sentences";
import { constants, SO_ACCEPTCONN } from "../facts";
import { conflict, describeHolder, endOf, networkOf, portHolder, type WantedPort } from "../inspection";
import { type Neighbour, neighbours } from "./neighbours";
import type { OwnSocket } from "./open-socket";
import { openHandles } from "./registry";

/** A port that is taken, and what wanted it: that does not stand in its own way. */
export interface TakenPort extends WantedPort {
  by: object;
}

/** Who has the port: an own handle, one of another process of the notebook, or what the system tells. */
export function whoHasPort(wanted: TakenPort): string {
  return ownHandle(wanted) ?? ofNeighbour(wanted) ?? whatSystemTells(wanted);
}

/** The network in which the port was wanted: in another one, sockets stand in nobody's way. */
function networkOfWanted({ pid }: TakenPort): string | undefined {
  return neighbours().find((neighbour) => neighbour.pid === pid)?.network ?? networkOf();
}

function ownHandle(wanted: TakenPort): string | undefined {
  if (networkOfWanted(wanted) !== networkOf()) return undefined;
  const rivals = openHandles().filter((sock) => {
    if (sock === wanted.by || sock.isDatagram !== wanted.datagram || !sock.isInternet) return false;
    const place = placeOf(sock);
    return place?.port === wanted.port && conflict(place.address, wanted.address);
  });
  const rival = rivals.find(({ listener }) => listener === undefined) ?? rivals[0];
  return rival && SENTENCES.portOfHandle(rival.name, stateOf(rival));
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
  const listening = sock.quietly(() => getsockopt(sock.fd, constants.SOL_SOCKET, SO_ACCEPTCONN));
  if (listening[0] === 1) return "listening";
  return sock.peer === undefined || sock.isDatagram ? `at ${sock.local}` : "a connection that is still open";
}

/** Also finds a socket that is bound and does not listen, which the system's table does not show. */
function ofNeighbour(wanted: TakenPort): string | undefined {
  const network = networkOfWanted(wanted);
  for (const neighbour of neighbours()) {
    if ((neighbour.network ?? networkOf()) !== network) continue;
    const rival = neighbour.openHandles().find((sock) => {
      if (sock === wanted.by || (sock.type === constants.SOCK_DGRAM) !== wanted.datagram) return false;
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

function whatSystemTells(wanted: TakenPort): string {
  const holder = portHolder(wanted);
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

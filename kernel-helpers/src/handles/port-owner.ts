import { formatSockaddr } from "../bytes";
import { getsockname, getsockopt } from "../calls";
import { isOurs } from "../calls/descriptors";
import { SENTENCES } from "../errors/sentences";
import { constants, SO_ACCEPTCONN } from "../facts";
import { conflict, describeHolder, portHolder, type WantedPort } from "../inspection";
import type { Core } from "./core";
import { type KnownProcess, otherProcesses } from "./other-process/known";
import { networkOfProcess } from "./other-process/networks";
import { openHandles } from "./registry";

/** A port that is taken, and what wanted it: that does not stand in its own way. */
export interface Wanted extends WantedPort {
  by: object;
}

/** Who has the port: an own handle, one of another process of the notebook, or what the system tells. */
export function whoHasPort(wanted: Wanted): string {
  return ownHandle(wanted) ?? ofOtherProcess(wanted) ?? whatSystemTells(wanted);
}

/** Whether a process is in the network in which the port was wanted: in another one its sockets stand in nobody's way. */
function isRival(pid: number, wanted: Wanted): boolean {
  return networkOfProcess(pid) === networkOfProcess(wanted.pid ?? process.pid);
}

function ownHandle(wanted: Wanted): string | undefined {
  if (!isRival(process.pid, wanted)) return undefined;
  const rivals = openHandles().filter(({ core }) => {
    if (core === wanted.by || core.isDatagram !== wanted.datagram || !core.isInternet) return false;
    const place = placeOf(core);
    return place?.port === wanted.port && conflict(place.address, wanted.address);
  });
  const rival = rivals.find(({ core: { listener } }) => listener === undefined) ?? rivals[0];
  return rival && SENTENCES.portOfHandle(rival.core.name, stateOf(rival.core));
}

/** Where an internet socket is, as the system tells it now. */
export function placeOf(core: Core): { address: string; port: number } | undefined {
  try {
    const place = core.quietly(() => getsockname(core.fd));
    if (place === undefined || !("port" in place)) return undefined;
    core.local = formatSockaddr(place);
    return place;
  } catch {
    // Its descriptor was closed behind our back: it has no port.
    return undefined;
  }
}

function stateOf(core: Core): string {
  const listening = core.quietly(() => getsockopt(core.fd, constants.SOL_SOCKET, SO_ACCEPTCONN));
  if (listening[0] === 1) return "listening";
  return core.peer === undefined || core.isDatagram ? `at ${core.local}` : "a connection that is still open";
}

/** Also finds a socket that is bound and does not listen, which the system's table does not show. */
function ofOtherProcess(wanted: Wanted): string | undefined {
  for (const process of otherProcesses().filter(({ pid }) => isRival(pid, wanted))) {
    const rival = process.openHandles().find((facts) => {
      if (facts === wanted.by || (facts.type === constants.SOCK_DGRAM) !== wanted.datagram) return false;
      const place = parsePlace(facts.local);
      return place?.port === wanted.port && conflict(place.address, wanted.address);
    });
    if (rival !== undefined) return byHandle(rival.name, process);
  }
  return undefined;
}

function byHandle(name: string, { name: process, pid }: KnownProcess): string {
  return SENTENCES.portOfOtherHandle(name, process, `${pid}`);
}

function whatSystemTells(wanted: Wanted): string {
  const holder = portHolder(wanted);
  if (holder.kind !== "process") return describeHolder(holder, wanted.port);
  const { pid, fd } = holder.owner;
  if (pid === process.pid) {
    const words = isOurs(fd) ? SENTENCES.portOfDescriptor : SENTENCES.portOfNode;
    return words(`${wanted.port}`, `${fd}`);
  }
  const known = otherProcesses().find((other) => other.pid === pid);
  if (known === undefined) return describeHolder(holder, wanted.port);
  return byHandle(known.openHandles().find((facts) => facts.fd === fd)?.name ?? `descriptor ${fd}`, known);
}

/** `127.0.0.1:80`, `[::1]:80`. */
export function parsePlace(text: string | undefined): { address: string; port: number } | undefined {
  const match = /^\[?([^\]]*)\]?:(\d+)$/.exec(text ?? "");
  return match === null ? undefined : { address: match[1]!, port: Number(match[2]) };
}

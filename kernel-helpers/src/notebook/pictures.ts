import { types } from "node:util";
import { encodeSockaddr, ipFamily, type SocketAddress } from "../bytes";
import { constants, nameOf } from "../facts";
import type { Handle } from "../handles/handle";
import { socketOf } from "../handles/socket-of";
import type { Picture } from "../pictures/picture";
import type { PlotSpec } from "../pictures/plot/spec";
import { OtherProcess } from "../processes/other-process";
import { factsOfProcessHandle, type ProcessHandle } from "../processes/process-handle";
import { show } from "./display";
import { pictures, plots } from "./lazy";
import { readSpec } from "./plot-spec";
import { statesSoFar } from "./states";

function showPicture(picture: Picture): void {
  show(pictures().asFigure(picture), pictures().asText(picture));
}

/**
 * Draws the eleven states of TCP with the way that this socket has gone so far, and the state it is in, as the system told them. It works
 * for a closed handle too, and for one whose process has ended: its connection can be in TIME_WAIT still.
 *
 * Manual: RFC 9293 section 3.3.2.
 *
 * @param handle a TCP socket's handle, of this process or of another one
 * @throws Errors: TypeError for what is no handle of a TCP socket
 */
export function states(handle: Handle | ProcessHandle): void {
  const found = socketOf(handle as Handle) ?? factsOfProcessHandle(handle as ProcessHandle);
  if (found === undefined) throw new TypeError(`states() takes a handle, for example states(client)${butNot(handle)}.`);
  const { name, family, type } = found;
  const isInternet = family === constants.AF_INET || family === constants.AF_INET6;
  if (!isInternet || type !== constants.SOCK_STREAM) {
    const kind = `${nameOf("family", family)} ${nameOf("type", type)}`;
    throw new TypeError(`"${name}" is not a TCP socket (${kind}): only TCP has these states.`);
  }
  showPicture(pictures().statesDiagram(statesSoFar(found)));
}

function butNot(value: unknown): string {
  if (types.isPromise(value)) return ", and not the promise of one: put `await` before the call that makes it";
  const process = otherProcessOf(value);
  return process === undefined ? "" : `, and not a process: one of the handles of "${process.name}"`;
}

/**
 * Draws the bytes of a socket address as the system calls take them, with the names of the fields: 16 bytes for IPv4, 28 for IPv6, a path
 * for AF_UNIX. The port and the address are in network byte order, the highest byte first.
 *
 * Manual: man 7 ip, man 7 ipv6, man 7 unix.
 *
 * @param address "127.0.0.1", "::1", or (without a port) a path
 * @param port 0 to 65535; without it the address is a path
 * @throws Errors: TypeError and RangeError for what is no address or no port
 */
export function addressBytes(address: string, port?: number): void {
  if (typeof address !== "string")
    throw new TypeError('addressBytes() takes an address and a port, addressBytes("127.0.0.1", 80), or a path.');
  showPicture(pictures().addressPicture(encodeSockaddr(socketAddress(address, port))));
}

/** Asks nothing of a value that does not let itself be asked. */
function otherProcessOf(value: unknown): OtherProcess | undefined {
  return !types.isProxy(value) && readably(() => value instanceof OtherProcess) ? (value as OtherProcess) : undefined;
}

function readably(ask: () => boolean): boolean {
  try {
    return ask();
  } catch {
    return false;
  }
}

function socketAddress(address: string, port: number | undefined): SocketAddress {
  if (port === undefined) return { family: "AF_UNIX", path: address };
  return ipFamily(address) === 6
    ? { family: "AF_INET6", address, port, flowinfo: 0, scopeId: 0 }
    : { family: "AF_INET", address, port };
}

/**
 * Draws lines, dots or a histogram, with axes and their units.
 *
 * @param spec `title`; `x` and `y`: the axes (`{ label: "age", unit: "ms" }`); `lines` and `dots`: each with a `name` and `points` (pairs of x and y); or `histogram`: each with a `name` and `values`, in so many `bins` (1 to 1,000; 30 unless told)
 * @throws Errors: TypeError and RangeError for what is no such object, and for a wrong number of bins
 */
export function plot(spec: PlotSpec): void {
  showPicture(plots().plotPicture(readSpec("plot", spec)));
}

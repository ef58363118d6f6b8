import { formatIPv4, formatIPv6 } from "../bytes";
import { TCP_STATES } from "../facts";
import { SystemFiles } from "./system-files";

/** One end of a connection: an address and a port. */
export interface End {
  address: string;
  port: number;
}

/** One row of the system's socket tables. */
export interface SocketRow {
  protocol: "tcp" | "tcp6" | "udp" | "udp6";
  local: End;
  peer: End;
  /** The state's name in the kernel: "LISTEN", "ESTABLISHED", "TIME_WAIT", … */
  state: string;
  /** Bytes that have arrived and were not received yet; for a listening socket the connections that wait to be accepted. */
  receiveQueue: number;
  /** Bytes sent and not acknowledged yet. */
  sendQueue: number;
  /** The user that owns the socket. */
  uid: number;
  /** The socket's inode, by which a process's descriptor is found; 0 for one that no process owns any more (TIME_WAIT). */
  inode: number;
  /** Datagrams dropped because the receive buffer was full; undefined for TCP. */
  drops: number | undefined;
}

/** What has tables of its own. */
export type Transport = "tcp" | "udp";

/**
 * The system's table of the internet sockets of every process in one network: /proc/pid/net/tcp and tcp6, or udp and udp6.
 *
 * A TCP socket that is only bound is not in it. Undefined where the system does not show it: without /proc (macOS), and when the process
 * has ended. Without IPv6 there are no rows of it.
 *
 * @param pid a process in the network; this one, unless told
 * @param files what was read of the system already
 * @see man 5 proc, man 7 network_namespaces
 */
export function socketTable(
  transport: Transport,
  pid: number | "self" = "self",
  files: SystemFiles = new SystemFiles(),
): SocketRow[] | undefined {
  const protocols = [transport, `${transport}6`] as const;
  const tables = protocols.flatMap((protocol) => {
    const text = files.text(`/proc/${pid}/net/${protocol}`);
    return text === undefined ? [] : [parseSocketTable(protocol, text)];
  });
  return tables.length === 0 ? undefined : tables.flat();
}

/** One end of a row as text: `127.0.0.1:80`, `[::1]:80`. */
export function endText({ address, port }: End): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The end that such a text names; undefined for a path, and for nothing. */
export function endOf(text: string | undefined): End | undefined {
  const match = /^\[?([^\]]*)\]?:(\d+)$/.exec(text ?? "");
  return match === null ? undefined : { address: match[1]!, port: Number(match[2]) };
}

/** The rows of one table's text. */
export function parseSocketTable(protocol: SocketRow["protocol"], text: string): SocketRow[] {
  const addresses = new Map<string, string>();
  return text
    .split("\n")
    .slice(1)
    .filter((line) => line.trim() !== "")
    .map((line) => parseRow(protocol, line.trim().split(/\s+/), addresses));
}

/** @param addresses those that were parsed already: a table of thousands of rows has few of them */
function parseRow(protocol: SocketRow["protocol"], fields: string[], addresses: Map<string, string>): SocketRow {
  const [, local = "", peer = "", state = "", queues = "", , , uid = "", , inode = ""] = fields;
  const [sendQueue = "", receiveQueue = ""] = queues.split(":");
  const datagram = protocol.startsWith("udp");
  return {
    protocol,
    local: parseEnd(local, addresses),
    peer: parseEnd(peer, addresses),
    state: TCP_STATES[Number.parseInt(state, 16)] ?? state,
    sendQueue: Number.parseInt(sendQueue, 16),
    receiveQueue: Number.parseInt(receiveQueue, 16),
    uid: Number(uid),
    inode: Number(inode),
    drops: datagram ? Number(fields[12]) : undefined,
  };
}

/** `0100007F:1F90`: the address as 32-bit words in the machine's byte order, the port as a plain number. */
function parseEnd(text: string, addresses: Map<string, string>): End {
  const [words = "", port = ""] = text.split(":");
  const address = addresses.get(words) ?? parseAddress(words);
  addresses.set(words, address);
  return { address, port: Number.parseInt(port, 16) };
}

function parseAddress(words: string): string {
  const bytes = Buffer.from(words, "hex");
  bytes.swap32();
  return bytes.byteLength === 4 ? formatIPv4(bytes) : formatIPv6(bytes);
}

import { existsSync, readFileSync } from "node:fs";
import { formatIPv4, formatIPv6 } from "../bytes";
import { TCP_STATES } from "../facts";

/** One row of the system's socket tables. */
export interface SocketRow {
  protocol: "tcp" | "tcp6" | "udp" | "udp6";
  local: { address: string; port: number };
  peer: { address: string; port: number };
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

const PROTOCOLS = ["tcp", "tcp6", "udp", "udp6"] as const;

/**
 * The system's table of internet sockets, of every process in one network: /proc/pid/net/tcp, tcp6, udp and udp6.
 *
 * A TCP socket that is only bound is not in it. Empty where the system has no /proc (macOS), and when the process has ended; without IPv6
 * its tables are.
 *
 * @param pid a process in the network; this one, unless told
 * @see man 5 proc, man 7 network_namespaces
 */
export function socketTable(
  protocols: readonly SocketRow["protocol"][] = PROTOCOLS,
  pid: number | "self" = "self",
): SocketRow[] {
  return protocols.flatMap((protocol) => parseSocketTable(protocol, read(`/proc/${pid}/net/${protocol}`)));
}

/** Whether the system shows its table: an empty one is none where /proc is missing (macOS, some containers). */
export function tableIsThere(pid: number | "self" = "self"): boolean {
  return existsSync(`/proc/${pid}/net/tcp`);
}

/** The process has ended before the file was opened, or while it was. */
const MISSING = new Set(["ENOENT", "ESRCH", "EINVAL"]);

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (MISSING.has((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}

/** One end of a row as text: `127.0.0.1:80`, `[::1]:80`. */
export function endText({ address, port }: SocketRow["local"]): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The rows of one table's text. */
export function parseSocketTable(protocol: SocketRow["protocol"], text: string): SocketRow[] {
  return text
    .split("\n")
    .slice(1)
    .filter((line) => line.trim() !== "")
    .map((line) => parseRow(protocol, line.trim().split(/\s+/)));
}

function parseRow(protocol: SocketRow["protocol"], fields: string[]): SocketRow {
  const [, local = "", peer = "", state = "", queues = "", , , uid = "", , inode = ""] = fields;
  const [sendQueue = "", receiveQueue = ""] = queues.split(":");
  const datagram = protocol.startsWith("udp");
  return {
    protocol,
    local: parseEnd(local),
    peer: parseEnd(peer),
    state: TCP_STATES[Number.parseInt(state, 16)] ?? state,
    sendQueue: Number.parseInt(sendQueue, 16),
    receiveQueue: Number.parseInt(receiveQueue, 16),
    uid: Number(uid),
    inode: Number(inode),
    drops: datagram ? Number(fields[12]) : undefined,
  };
}

/** `0100007F:1F90`: the address as 32-bit words in the machine's byte order, the port as a plain number. */
function parseEnd(text: string): { address: string; port: number } {
  const [words = "", port = ""] = text.split(":");
  const bytes = Buffer.from(words, "hex");
  bytes.swap32();
  return {
    address: bytes.byteLength === 4 ? formatIPv4(bytes) : formatIPv6(bytes),
    port: Number.parseInt(port, 16),
  };
}

import { facts } from "./current";
import type { ConstantName } from "./linux";

/** How an option's value lies in memory. */
export type OptionKind =
  | "int"
  | "bool"
  | "byte"
  | "linger"
  | "timeval"
  | "tcp_info"
  | "in_addr"
  | "ip_mreq"
  | "ipv6_mreq"
  | "ucred"
  | "bytes"
  | "text";

/** SO_LINGER: with `onoff`, close waits up to `linger` seconds for unsent data; 0 seconds resets the connection instead. */
export interface LingerValue {
  /** Whether close waits. */
  readonly onoff: boolean;
  /** Seconds, an integer from 0 to 2147483647. */
  readonly linger: number;
}

/** IP_ADD_MEMBERSHIP: the multicast group, and the interface by one of its addresses ("0.0.0.0": the system chooses). */
export interface Ipv4Membership {
  /** The group's address: "239.1.2.3". */
  readonly group: string;
  /** An address of the interface: "127.0.0.1". */
  readonly interface: string;
}

/** IPV6_JOIN_GROUP: the multicast group, and the interface by its number (0: the system chooses). */
export interface Ipv6Membership {
  /** The group's address: "ff02::1234". */
  readonly group: string;
  /** The number of the interface, 0 to 4294967295; 0 lets the system choose. */
  readonly interface: number;
}

/** A process with its user and group. Of SO_PEERCRED the one at the other end of a Unix-domain connection, as it was when it connected; of SCM_CREDENTIALS the sender. */
export interface Credentials {
  /** The process's number, 1 or more; 0 for one of another namespace. */
  readonly pid: number;
  /** The user's number, 0 or more. */
  readonly uid: number;
  /** The group's number, 0 or more. */
  readonly gid: number;
}

declare const VALUE: unique symbol;

/** A socket option: what getsockopt(2) and setsockopt(2) need to know, and the words to show. `Value` is what a program reads and writes. */
export interface SocketOption<Value = number> {
  /** The C name: "SO_REUSEADDR". */
  readonly name: string;
  /** The name that strace prints, which differs for a few options: "SO_RCVTIMEO_OLD". */
  readonly traceName: string;
  /** The number of the option's level: SOL_SOCKET, IPPROTO_TCP, … */
  readonly level: number;
  /** The name that strace prints for the level: "SOL_TCP"; "IPPROTO_TCP" on macOS, which has no other. */
  readonly levelName: string;
  /** The option's number at its level; -1 where the platform does not have it. */
  readonly number: number;
  /** The number on each system. */
  readonly numbers: {
    /** The number on Linux, -1 where it does not have the option. */
    readonly linux: number;
    /** The number on macOS, -1 where it does not have the option. */
    readonly darwin: number;
  };
  /** How its value lies in memory. */
  readonly kind: OptionKind;
  /** True where the system refuses to set it. */
  readonly readOnly: boolean;
  /** True where the system refuses to read it. */
  readonly writeOnly: boolean;
  /** What the value counts: "bytes", "1 or 0", "ms". */
  readonly unit: string;
  /** Never present: it carries the type of the value. */
  readonly [VALUE]?: Value;
}

/** What setsockopt takes for an option: its value, and true or false for options that are on or off. */
export type OptionInput<Value> = Value extends number ? number | boolean : Value;

type Os = "linux" | "darwin";

interface OptionRow {
  readonly level: "SOL_SOCKET" | "SOL_TCP" | "SOL_IP" | "SOL_IPV6";
  readonly linux: number;
  readonly darwin: number;
  readonly kind: OptionKind;
  readonly darwinKind?: OptionKind;
  readonly unit: string;
  readonly readOnly?: readonly Os[];
  readonly writeOnly?: readonly Os[];
  readonly traceName?: string;
}

const DARWIN_LEVELS = {
  SOL_SOCKET: "SOL_SOCKET",
  SOL_TCP: "IPPROTO_TCP",
  SOL_IP: "IPPROTO_IP",
  SOL_IPV6: "IPPROTO_IPV6",
} as const satisfies Record<OptionRow["level"], ConstantName>;

/** Both systems: the option cannot be set, or cannot be read, on either. */
export const EVERYWHERE: readonly Os[] = ["linux", "darwin"];

/** Makes the descriptor of one option for the current platform. */
export function option<Value = number>(name: string, row: OptionRow): SocketOption<Value> {
  const levelName = facts.os === "darwin" ? DARWIN_LEVELS[row.level] : row.level;
  return {
    name,
    traceName: row.traceName ?? name,
    level: facts.constants[levelName],
    levelName,
    number: row[facts.os],
    numbers: { linux: row.linux, darwin: row.darwin },
    kind: facts.os === "darwin" ? (row.darwinKind ?? row.kind) : row.kind,
    readOnly: row.readOnly?.includes(facts.os) ?? false,
    writeOnly: row.writeOnly?.includes(facts.os) ?? false,
    unit: row.unit,
  };
}

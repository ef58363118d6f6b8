import { errnoName, exactNameOf, facts, nameOf } from "../facts";
import type { Credentials } from "../facts/option";
import { integerBetween, shown, viewOf } from "./arguments";
import { formatIPv4, parseIPv4 } from "./ipv4";
import { formatIPv6 } from "./ipv6";
import type { SocketAddress } from "./sockaddr";
import { decodeSockaddr } from "./sockaddr-decode";

/*
 * Control messages: what travels beside the data of sendmsg(2) and recvmsg(2). Each is a header (how long, which level, which type) and
 * its data, filled up to the next multiple of 8 bytes (macOS: 4). See man 3 cmsg.
 */

/** A control message as the system has it. */
export interface RawControl {
  /** Its level, a C int, for example IPPROTO_IP. */
  readonly level: number;
  /** Its type, a C int, for example 8: of IPPROTO_IP on Linux that is IP_PKTINFO. */
  readonly type: number;
  /** The bytes behind its header. */
  readonly data: Uint8Array;
}

/** A control message to send: one of any kind by its numbers and bytes, or IP_PKTINFO by its fields. */
export type ControlToSend =
  | {
      /** Its level, a C int, for example IPPROTO_IP. */
      readonly level: number;
      /** Its type, a C int: of IPPROTO_IP on Linux 8 is IP_PKTINFO. */
      readonly type: number;
      /** The bytes behind its header. */
      readonly data: Uint8Array;
    }
  | {
      /** Which control message it is. */
      readonly name: "IP_PKTINFO";
      /** The address that the datagram comes from; "0.0.0.0", unless told: the system chooses. */
      readonly local?: string;
      /** The number of the interface that it leaves by, a C int; 0, unless told: the system chooses. */
      readonly interface?: number;
    };

/** IP_PKTINFO, IPV6_PKTINFO: which way a datagram came. */
export interface PacketInfo {
  /** The number of the interface that it came by, 1 or more. */
  readonly interface: number;
  /** The address that it was sent to. */
  readonly destination: string;
  /** IPv4 only: the address of this machine that an answer would come from. */
  readonly local?: string;
}

/** IP_RECVERR, IPV6_RECVERR: an error that the network, or this system, has reported of a datagram sent before. */
export interface QueuedError {
  /** The errno's name: "ECONNREFUSED". */
  readonly code: string;
  /** Who says it: 1 this system, 2 ICMP, 3 ICMPv6. */
  readonly origin: number;
  /** The type of the ICMP message: 3 is "unreachable". */
  readonly icmpType: number;
  /** Its code: with type 3, 3 is "port unreachable". */
  readonly icmpCode: number;
  /** For EMSGSIZE: the largest packet that fits, in bytes; for other errors 0 or more, with another meaning for each. */
  readonly info: number;
  /** Which machine says it, without a port; undefined when it was this one. */
  readonly offender: SocketAddress | undefined;
}

/** A control message that recvmsg gave. `value` has what is known of its type; `data` has its bytes in any case. */
export interface ControlMessage extends RawControl {
  /** "IP_PKTINFO", "IP_RECVERR", …; the type's number where it has no name here. */
  readonly name: string;
  /** Of IP_PKTINFO and IPV6_PKTINFO where it came, of IP_RECVERR and IPV6_RECVERR the error, of SCM_CREDENTIALS who sent, of SCM_RIGHTS the descriptors. */
  readonly value: PacketInfo | QueuedError | Credentials | readonly number[] | undefined;
}

const { cmsgLengthSize, cmsgAlignment, constants } = facts;
/** The header: its length, level and type. */
const HEADER = cmsgLengthSize + 8;
const filled = (size: number): number => Math.ceil(size / cmsgAlignment) * cmsgAlignment;

const [SCM_RIGHTS, SCM_CREDENTIALS] = [1, 2]; // bits/socket.h
const IP_PKTINFO = facts.os === "darwin" ? 26 : 8;
const IPV6_PKTINFO = facts.os === "darwin" ? 46 : 50;
const [IP_RECVERR, IPV6_RECVERR] = facts.os === "darwin" ? [-1, -1] : [11, 25];
/** struct sock_extended_err (linux/errqueue.h); the offender's address follows it. */
const EXTENDED_ERR = 16;

const NAMES: Readonly<Record<string, string>> = {
  [`${constants.SOL_SOCKET} ${SCM_RIGHTS}`]: "SCM_RIGHTS",
  [`${constants.SOL_SOCKET} ${SCM_CREDENTIALS}`]: "SCM_CREDENTIALS",
  [`${constants.IPPROTO_IP} ${IP_PKTINFO}`]: "IP_PKTINFO",
  [`${constants.IPPROTO_IP} ${IP_RECVERR}`]: "IP_RECVERR",
  [`${constants.IPPROTO_IPV6} ${IPV6_PKTINFO}`]: "IPV6_PKTINFO",
  [`${constants.IPPROTO_IPV6} ${IPV6_RECVERR}`]: "IPV6_RECVERR",
};

/** The control messages in a buffer, as far as they are whole. */
export function splitControl(bytes: Uint8Array): RawControl[] {
  const view = viewOf(bytes);
  const found: RawControl[] = [];
  for (let at = 0; at + HEADER <= bytes.byteLength; ) {
    const length = cmsgLengthSize === 8 ? Number(view.getBigUint64(at, true)) : view.getUint32(at, true);
    if (length < HEADER || at + length > bytes.byteLength) break;
    found.push({
      level: view.getInt32(at + cmsgLengthSize, true),
      type: view.getInt32(at + cmsgLengthSize + 4, true),
      data: Uint8Array.from(bytes.subarray(at + HEADER, at + length)),
    });
    at += filled(length);
  }
  return found;
}

/** What a control message says. */
export function decodeControl(raw: RawControl): ControlMessage {
  const name = NAMES[`${raw.level} ${raw.type}`] ?? String(raw.type);
  return { name, value: meaningOf(name, raw.data), ...raw };
}

function meaningOf(name: string, data: Uint8Array): ControlMessage["value"] {
  const view = viewOf(data);
  const size = data.byteLength;
  switch (name) {
    case "IP_PKTINFO":
      if (size < 12) return undefined;
      return {
        interface: view.getInt32(0, true),
        local: formatIPv4(data.subarray(4, 8)),
        destination: formatIPv4(data.subarray(8, 12)),
      };
    case "IPV6_PKTINFO":
      if (size < 20) return undefined;
      return { interface: view.getUint32(16, true), destination: formatIPv6(data.subarray(0, 16)) };
    case "IP_RECVERR":
    case "IPV6_RECVERR":
      return size < EXTENDED_ERR ? undefined : queuedError(view, data);
    case "SCM_CREDENTIALS":
      if (size < 12) return undefined;
      return { pid: view.getInt32(0, true), uid: view.getUint32(4, true), gid: view.getUint32(8, true) };
    case "SCM_RIGHTS":
      return Array.from({ length: Math.floor(size / 4) }, (_, at) => view.getInt32(at * 4, true));
    default:
      return undefined;
  }
}

function queuedError(view: DataView, data: Uint8Array): QueuedError {
  const offender = decodeSockaddr(data.subarray(EXTENDED_ERR));
  return {
    code: errnoName(view.getUint32(0, true)),
    origin: view.getUint8(4),
    icmpType: view.getUint8(5),
    icmpCode: view.getUint8(6),
    info: view.getUint32(8, true),
    offender: offender?.family === "AF_UNSPEC" ? undefined : offender,
  };
}

/** The bytes of control messages, one behind the other. */
export function encodeControl(messages: readonly RawControl[]): Uint8Array {
  const bytes = new Uint8Array(messages.reduce((sum, { data }) => sum + filled(HEADER + data.byteLength), 0));
  const view = viewOf(bytes);
  let at = 0;
  for (const { level, type, data } of messages) {
    const length = HEADER + data.byteLength;
    if (cmsgLengthSize === 8) view.setBigUint64(at, BigInt(length), true);
    else view.setUint32(at, length, true);
    view.setInt32(at + cmsgLengthSize, level, true);
    view.setInt32(at + cmsgLengthSize + 4, type, true);
    bytes.set(data, at + HEADER);
    at += filled(length);
  }
  return bytes;
}

/**
 * IP_PKTINFO for a datagram to send: the address that it comes from, and the interface that it leaves by.
 *
 * @param local an IPv4 address of this machine; "0.0.0.0" lets the system choose
 * @param index the interface's number; 0 lets the system choose
 */
export function packetInfo(local: string, index: number): RawControl {
  const data = new Uint8Array(12);
  viewOf(data).setInt32(0, integerBetween("IP_PKTINFO: interface", index, 0, 0x7fffffff), true);
  if (typeof local !== "string")
    throw new TypeError(
      `IP_PKTINFO: local is an IPv4 address of this machine, such as "127.0.0.1", not ${shown(local)}.`,
    );
  data.set(parseIPv4(local), 4);
  return { level: constants.IPPROTO_IP, type: IP_PKTINFO, data };
}

/** A control message in strace's words. `names` are those of the interfaces. */
export function exactControl(raw: RawControl, names: Readonly<Record<number, string>> = {}): string {
  const { name, value, data, level } = decodeControl(raw);
  const known = value !== undefined && (level !== constants.IPPROTO_IPV6 || facts.os === "darwin");
  const type = known ? name : `0x${raw.type.toString(16)}`;
  const told = known ? `, cmsg_data=${exactValue(name, value, data, names)}` : "";
  return `{cmsg_len=${HEADER + data.byteLength}, cmsg_level=${exactNameOf("level", level)}, cmsg_type=${type}${told}}`;
}

function exactValue(
  name: string,
  value: ControlMessage["value"],
  data: Uint8Array,
  names: Readonly<Record<number, string>>,
): string {
  if (name === "SCM_RIGHTS") return `[${(value as number[]).join(", ")}]`;
  if (name === "SCM_CREDENTIALS") {
    const { pid, uid, gid } = value as Credentials;
    return `{pid=${pid}, uid=${uid}, gid=${gid}}`;
  }
  if (name === "IP_PKTINFO") {
    const { interface: index, local, destination } = value as PacketInfo;
    const place = names[index] === undefined ? String(index) : `if_nametoindex("${names[index]}")`;
    return `{ipi_ifindex=${place}, ipi_spec_dst=inet_addr("${local}"), ipi_addr=inet_addr("${destination}")}`;
  }
  const view = viewOf(data);
  const { origin, icmpType, icmpCode, info, offender } = value as QueuedError;
  const from =
    offender?.family === "AF_INET"
      ? `, offender={sa_family=AF_INET, sin_port=htons(${offender.port}), sin_addr=inet_addr("${offender.address}")}`
      : ", offender={sa_family=AF_UNSPEC}";
  return `{ee_errno=${view.getUint32(0, true)}, ee_origin=${origin}, ee_type=${icmpType}, ee_code=${icmpCode}, ee_info=${info}, ee_data=${view.getUint32(12, true)}${from}}`;
}

/** A control message as a word of a short line. */
export function controlText(raw: RawControl, names: Readonly<Record<number, string>> = {}): string {
  const { name, value, level } = decodeControl(raw);
  if (value === undefined) return `${nameOf("level", level)} ${name}`;
  if ("destination" in value && value.destination === "0.0.0.0")
    return `${name} from ${value.local} by ${names[value.interface] ?? value.interface}`;
  if ("destination" in value) return `${name} ${value.destination} by ${names[value.interface] ?? value.interface}`;
  if ("code" in value) return `${name} ${value.code}`;
  if ("pid" in value) return `${name} pid ${value.pid}, uid ${value.uid}`;
  return `${name} ${value.join(", ")}`;
}

import { constants, facts } from "./current";
import { type ConstantName, type Constants, LINUX_CONSTANTS } from "./linux";
import { OPTIONS, optionByNumber } from "./options";

/** What a number stands for, where it stands for one thing. */
export type NameGroup = "family" | "type" | "protocol" | "level" | "how" | "epollOp" | "fcntl";

interface Group {
  /** What strace puts into its remark about a number without a name: 0x63 followed by AF_??? as a comment. */
  readonly unknown: string;
  readonly names: readonly ConstantName[];
}

const LEVELS: readonly ConstantName[] =
  facts.os === "darwin"
    ? ["SOL_SOCKET", "IPPROTO_IP", "IPPROTO_TCP", "IPPROTO_UDP", "IPPROTO_IPV6"]
    : ["SOL_SOCKET", "SOL_IP", "SOL_TCP", "SOL_UDP", "SOL_IPV6"];

const GROUPS: Readonly<Record<NameGroup, Group>> = {
  family: { unknown: "AF_???", names: startingWith("AF_") },
  type: {
    unknown: "SOCK_???",
    names: ["SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW", "SOCK_RDM", "SOCK_SEQPACKET"],
  },
  protocol: { unknown: "IPPROTO_???", names: startingWith("IPPROTO_") },
  level: { unknown: "SOL_??", names: LEVELS },
  how: { unknown: "SHUT_???", names: startingWith("SHUT_") },
  epollOp: { unknown: "EPOLL_CTL_???", names: startingWith("EPOLL_CTL_") },
  fcntl: { unknown: "F_???", names: startingWith("F_") },
};

/** The constants with this beginning, in the order of their table. */
export function startingWith(prefix: string): readonly ConstantName[] {
  return (Object.keys(LINUX_CONSTANTS) as ConstantName[]).filter((name) => name.startsWith(prefix));
}

/** True where the platform has the constant: a flag that it lacks is 0 in its table. */
export function isDefined(name: ConstantName, table: Constants = constants): boolean {
  return table[name] !== 0 || LINUX_CONSTANTS[name] === 0;
}

function knownName(group: NameGroup, number: number): string | undefined {
  return GROUPS[group].names.find((name) => constants[name] === number && isDefined(name));
}

/** A number that has no name, as strace shows it: 0x63 and a comment. -1 shows as 0xffffffff. */
export function unknownNumber(number: number, remark: string): string {
  return `0x${(number >>> 0).toString(16)} /* ${remark} */`;
}

/** The C name of a number: `nameOf("family", 2)` is "AF_INET". A number without a name comes back as text: "99". */
export function nameOf(group: NameGroup, number: number): string {
  return knownName(group, number) ?? String(number);
}

/** As `nameOf`, in strace's words where there is no name. */
export function exactNameOf(group: NameGroup, number: number): string {
  return knownName(group, number) ?? unknownNumber(number, GROUPS[group].unknown);
}

/** The third argument of socket(2) as strace prints it: a name for Internet families, else the plain number. */
export function protocolName(family: number, protocol: number): string {
  const internet = family === constants.AF_INET || family === constants.AF_INET6;
  return internet ? exactNameOf("protocol", protocol) : String(protocol);
}

const OPTION_PREFIXES: Readonly<Record<string, string>> = Object.fromEntries(
  OPTIONS.map((option) => [option.level, option.name.slice(0, option.name.indexOf("_"))]),
);

/** An option's number as strace prints it: "SO_REUSEADDR", a remark where it has no name, a plain number at an unknown level. */
export function optionName(level: number, number: number): string {
  const option = optionByNumber(level, number);
  if (option !== undefined) return option.traceName;
  const prefix = OPTION_PREFIXES[level];
  return prefix === undefined ? String(number >>> 0) : unknownNumber(number, `${prefix}_???`);
}

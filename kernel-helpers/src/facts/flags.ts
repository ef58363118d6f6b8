import { constants } from "./current";
import type { ConstantName } from "./linux";
import { isDefined, nameOf, startingWith, unknownNumber } from "./names";

/** Numbers that are sets of flags: of send and recv, of socket and accept4, of poll, of epoll_ctl, and so on. */
export type FlagGroup = "msg" | "sock" | "poll" | "epoll" | "epollCreate" | "eventfd" | "open" | "fd";

interface Group {
  readonly unknown: string;
  /** In the order in which strace 6.1 prints them. */
  readonly names: readonly ConstantName[];
}

const GROUPS: Readonly<Record<FlagGroup, Group>> = {
  msg: { unknown: "MSG_???", names: startingWith("MSG_") },
  sock: { unknown: "SOCK_???", names: ["SOCK_CLOEXEC", "SOCK_NONBLOCK"] },
  poll: { unknown: "POLL???", names: startingWith("POLL") },
  epoll: { unknown: "EPOLL???", names: startingWith("EPOLL").filter((name) => !name.startsWith("EPOLL_")) },
  epollCreate: { unknown: "EPOLL_???", names: ["EPOLL_CLOEXEC"] },
  eventfd: { unknown: "EFD_???", names: startingWith("EFD_") },
  open: { unknown: "O_???", names: ["O_APPEND", "O_NONBLOCK", "O_CLOEXEC"] },
  fd: { unknown: "FD_???", names: ["FD_CLOEXEC"] },
};

const ACCESS_MODES: readonly ConstantName[] = ["O_RDONLY", "O_WRONLY", "O_RDWR"];

/** Splits a set of flags into the names that are in it and the bits that have no name. */
function split(group: FlagGroup, value: number): { names: string[]; rest: number } {
  let rest = value >>> 0;
  const names: string[] = [];
  for (const name of GROUPS[group].names) {
    const bits = constants[name] >>> 0;
    if (!isDefined(name) || (rest & bits) >>> 0 !== bits) continue;
    names.push(name);
    rest = (rest & ~bits) >>> 0;
  }
  return { names, rest };
}

/**
 * A set of flags as strace prints it: "MSG_PEEK|MSG_DONTWAIT", "0" for none, bits without a name as a number at the
 * end ("MSG_PEEK|0x100000"), and with a remark when there is nothing else. The group "open" always starts with the access mode.
 */
export function flagNames(group: FlagGroup, value: number): string {
  if (group === "open") return openFlagNames(value);
  const { names, rest } = split(group, value);
  if (names.length === 0) return rest === 0 ? "0" : unknownNumber(rest, GROUPS[group].unknown);
  return joined(names, rest);
}

function openFlagNames(value: number): string {
  const mode = ACCESS_MODES.find((name) => constants[name] === (value & 3)) ?? "O_ACCMODE";
  const { names, rest } = split("open", value & ~3);
  return joined([mode, ...names], rest);
}

function joined(names: readonly string[], rest: number): string {
  return [...names, ...(rest === 0 ? [] : [`0x${rest.toString(16)}`])].join("|");
}

/** strace takes these bits of a socket type for the type itself and the rest for flags. */
const TYPE_MASK = 0xf;

/** The second argument of socket(2) as strace prints it: "SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK". */
export function socketTypeName(value: number): string {
  const type = value & TYPE_MASK;
  const name = nameOf("type", type);
  if (name === String(type)) return flagNames("sock", value);
  const flags = (value & ~TYPE_MASK) >>> 0;
  return flags === 0 ? name : `${name}|${flagNames("sock", flags)}`;
}

import { clean, formatIPv4, optionValueText, quoteBytes } from "../bytes";
import { fields } from "../bytes/arguments";
import {
  constants,
  errnoName,
  exactNameOf,
  nameOf,
  optionByNumber,
  optionName,
  SO_ATTACH_FILTER,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
} from "../facts";
import type { SocketOption } from "../facts/option";
import { declare, declareWithStruct, type Pointer, returned, starting } from "../libc";
import { copied, descriptor, int, integer, lengthWithin, memory, part, sizeOf } from "./arguments";
import { type Description, succeed } from "./description";
import { openedHere, ownDescriptor } from "./descriptors";
import { SOMEWHERE } from "./words";

const libc = declare<{
  getsockopt(fd: number, level: number, option: number, value: Pointer, length: Pointer): number;
  setsockopt(fd: number, level: number, option: number, value: Pointer, length: number): number;
}>({
  getsockopt: "int getsockopt(int fd, int level, int option, void *value, void *length)",
  setsockopt: "int setsockopt(int fd, int level, int option, const void *value, uint32_t length)",
});

/** struct sock_fprog: how many instructions, and where they are. */
interface FilterProgram {
  len: number;
  filter: Pointer;
}
const FILTER_PROGRAM_SIZE = 16;
const INSTRUCTION = 8; // struct sock_filter

/** setsockopt with a struct sock_fprog. */
const filter = declareWithStruct<
  (fd: number, level: number, option: number, program: FilterProgram, length: number) => number
>("setsockopt", ["int", "int", "int", { len: "uint16_t", filter: "const void *" }, "uint32_t"]);

/** How many bytes of a value a record keeps. */
const KEPT = 256;

/** getsockopt(2), as the record keeps it. */
export interface GetsockoptCall {
  readonly name: "getsockopt";
  /** The descriptor that the call is made on, a C int. */
  readonly fd: number;
  /** The number of the option's level: SOL_SOCKET, IPPROTO_TCP, … */
  readonly level: number;
  /** The option's number at that level, a C int. */
  readonly option: number;
  /** How many bytes there was room for. */
  readonly room: number;
  /** The first bytes that the system wrote. */
  value?: Uint8Array;
  /** How many bytes the system wrote. */
  valueLength?: number;
}

/** setsockopt(2), as the record keeps it. */
export interface SetsockoptCall {
  readonly name: "setsockopt";
  /** The descriptor that the call is made on, a C int. */
  readonly fd: number;
  /** The number of the option's level: SOL_SOCKET, IPPROTO_TCP, … */
  readonly level: number;
  /** The option's number at that level, a C int. */
  readonly option: number;
  /** The first bytes of the value; of a filter, those of its instructions. */
  readonly value: Uint8Array;
  /** How many bytes the value has. */
  readonly valueLength?: number;
}

function optionText({ level, option }: { level: number; option: number }, between: string): string {
  return (
    optionByNumber(level, option)?.name ?? `${between === ", " ? nameOf("level", level) : level}${between}${option}`
  );
}

function valueText({ level, option, value }: GetsockoptCall | SetsockoptCall): string | undefined {
  return value === undefined ? undefined : optionValueText(level, option, value);
}

function exactPlace({ level, option }: { level: number; option: number }): string {
  return `${exactNameOf("level", level)}, ${optionName(level, option)}`;
}

function exactValue({ level, option: number }: { level: number; option: number }, value: Uint8Array, length: number) {
  const option = optionByNumber(level, number);
  const view = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (option?.name === "SO_ERROR" && view.byteLength >= 4) {
    const error = view.readInt32LE(0);
    return error === 0 ? "[0]" : `[${errnoName(error)}]`;
  }
  if (option?.kind === "linger" && view.byteLength >= 8) {
    return `{l_onoff=${view.readInt32LE(0)}, l_linger=${view.readInt32LE(4)}}`;
  }
  if (option?.kind === "tcp_info") return SOMEWHERE;
  if (option?.kind === "ucred" && view.byteLength >= 12) {
    return `{pid=${view.readInt32LE(0)}, uid=${view.readUInt32LE(4)}, gid=${view.readUInt32LE(8)}}`;
  }
  if (option?.kind === "ip_mreq" && value.byteLength >= 8) {
    const [group, place] = [value.subarray(0, 4), value.subarray(4, 8)].map(
      (four) => `inet_addr("${formatIPv4(four)}")`,
    );
    return `{imr_multiaddr=${group}, imr_interface=${place}}`;
  }
  return view.byteLength >= 4 && view.byteLength < 8
    ? `[${view.readInt32LE(0)}]`
    : quoteBytes(value, undefined, length);
}

/** The room that there was, and how much of it was used. */
function counted(used: number | undefined, room: number): string {
  return used === undefined || used === room ? `[${room}]` : `[${room} => ${used}]`;
}

export const GETSOCKOPT: Description<GetsockoptCall> = {
  short: (call) => `getsockopt(${call.fd}, ${optionText(call, ", ")})`,
  exact: (call, { result }) => {
    const { value, valueLength = value?.byteLength, room } = call;
    const told = result === -1 || value === undefined ? SOMEWHERE : exactValue(call, value, valueLength!);
    if (isFilter(call)) {
      const size = counted(valueLength === undefined ? undefined : valueLength / INSTRUCTION, instructions(room));
      return `getsockopt(${call.fd}, ${exactNameOf("level", call.level)}, SO_GET_FILTER, ${SOMEWHERE}, ${size})`;
    }
    return `getsockopt(${call.fd}, ${exactPlace(call)}, ${told}, ${counted(valueLength, room)})`;
  },
  told: (call) => {
    const text = valueText(call);
    return text === undefined ? "" : `  → ${text}`;
  },
  shown: (call) => ({ detail: optionText(call, " ") }),
};

export const SETSOCKOPT: Description<SetsockoptCall> = {
  short: (call) => {
    const text = valueText(call);
    return `setsockopt(${call.fd}, ${optionText(call, ", ")}${text === undefined ? "" : `, ${text}`})`;
  },
  exact: (call) => {
    const { value, valueLength = value.byteLength } = call;
    const [told, size] = isFilter(call)
      ? [`{len=${valueLength / INSTRUCTION}, filter=${SOMEWHERE}}`, FILTER_PROGRAM_SIZE]
      : [exactValue(call, value, valueLength), valueLength];
    return `setsockopt(${call.fd}, ${exactPlace(call)}, ${told}, ${size})`;
  },
  shown: (call) => ({
    means: "sets",
    sets: { option: optionText(call, " "), value: valueText(call) },
    detail: `${optionText(call, " ")} ${valueText(call) ?? ""}`.trimEnd(),
  }),
};

/** An option's number: given as a number, or as one of the option constants. */
export type OptionNumber = number | SocketOption<unknown>;

function numberOf(option: OptionNumber): number {
  if (typeof option !== "object" || option === null) return int("option", option);
  const { number: given, name } = fields("option", option, ["number", "name"]);
  const number = int("option", given);
  if (number < 0)
    throw new RangeError(`${typeof name === "string" ? clean(name) : "This option"} does not exist on this platform.`);
  return number;
}

/**
 * getsockopt(2) reads an option's value as the bytes that the system holds.
 *
 * Manual: man 2 getsockopt, man 7 socket.
 *
 * @param fd the descriptor of a socket, a C int
 * @param level for example SOL_SOCKET, IPPROTO_TCP
 * @param option an option such as SO_RCVBUF, or its number at this level
 * @param room how many bytes to make room for, 1 to 4096; 4 unless told. Of a filter, which is read with SO_ATTACH_FILTER, whole instructions of 8 bytes
 * @returns Returns as many bytes as the system wrote, in the option's own form: most are a C int, lowest byte first
 * @throws Errors: SocketError ENOPROTOOPT (no such option), EOPNOTSUPP (another kind of socket has it), EINVAL (too little room), EBADF (not open), ENOTSOCK (no socket); TypeError and RangeError for what is no C int, no option of this system or no such room
 */
export function getsockopt(fd: number, level: number, option: OptionNumber, room = 4): Uint8Array {
  const call: GetsockoptCall = {
    name: "getsockopt",
    fd: descriptor(fd),
    level: int("level", level),
    option: numberOf(option),
    room: integer("room", room, 1, 4096),
  };
  // Linux reads a filter by the same number (SO_GET_FILTER), and counts the room for it in instructions (sk_get_filter, net/core/filter.c):
  // bytes would have it write eight times as far.
  const unit = isFilter(call) ? INSTRUCTION : 1;
  const count = unit === 1 ? call.room : instructions(call.room);
  const value = Buffer.alloc(count * unit);
  const length = Buffer.alloc(4);
  length.writeInt32LE(count);
  const start = starting();
  const result = libc.getsockopt(call.fd, call.level, call.option, value, length);
  const written = Math.max(0, Math.min(length.readInt32LE(), count)) * unit;
  if (result === 0) {
    call.value = copied(value, Math.min(written, KEPT));
    call.valueLength = written;
  }
  succeed(GETSOCKOPT, call, returned(call, result, start));
  return value.subarray(0, written);
}

/**
 * setsockopt(2) sets an option of a socket: how it behaves, not what it sends.
 *
 * Manual: man 2 setsockopt, man 7 socket.
 *
 * @param fd the descriptor of a socket, a C int
 * @param level for example SOL_SOCKET, IPPROTO_TCP
 * @param option an option such as SO_RCVBUF, or its number at this level
 * @param value the bytes of the value, or a number for the many options that are a C `int`; for SO_ATTACH_FILTER the instructions, 8 bytes each
 * @param length how many of the bytes to pass, 0 to all of them (the default)
 * @throws Errors: SocketError ENOPROTOOPT (no such option, or read-only), EINVAL (wrong value or length), EPERM (not allowed), EBADF (not open), ENOTSOCK (no socket); RangeError for a descriptor that the notebook itself uses; TypeError and RangeError for what is no C int, no option of this system, no bytes or no such length
 */
export function setsockopt(
  fd: number,
  level: number,
  option: OptionNumber,
  value: number | ArrayBufferView,
  length?: number,
): void {
  const bytes = typeof value === "number" ? intBytes(value) : memory("value", value);
  const used = length === undefined ? sizeOf(bytes) : lengthWithin("length", length, bytes);
  const call: SetsockoptCall = {
    name: "setsockopt",
    fd: ownDescriptor(fd),
    level: int("level", level),
    option: numberOf(option),
    value: copied(bytes, Math.min(used, KEPT)),
    valueLength: used,
  };
  const passed = part(bytes, 0, used);
  // The system takes a filter by its address, so this is the one option whose value is not passed as it is.
  const len = isFilter(call) ? integer("The number of instructions", used / INSTRUCTION, 1, 0xffff) : 0;
  const start = starting();
  const result =
    len > 0
      ? filter.call(call.fd, call.level, call.option, { len, filter: passed }, FILTER_PROGRAM_SIZE)
      : libc.setsockopt(call.fd, call.level, call.option, passed, used);
  succeed(SETSOCKOPT, call, returned(call, result, start));
  if (call.level === constants.SOL_SOCKET) noteLimit(call);
}

/** 64-bit twins of SO_RCVTIMEO and SO_SNDTIMEO, where the system has them: asm-generic/socket.h. */
const TIMEOUTS_IN = [SO_RCVTIMEO.number, 66];
const TIMEOUTS_OUT = [SO_SNDTIMEO.number, 67];
const LONGEST_WAIT = 10;

/** A learner's own limit of a wait stays, unless it is none: 0, or longer than the kernel may stand still. */
function noteLimit({ fd, option, value }: SetsockoptCall): void {
  const way = TIMEOUTS_IN.includes(option) ? "limitedIn" : TIMEOUTS_OUT.includes(option) ? "limitedOut" : undefined;
  const known = way === undefined ? undefined : openedHere(fd);
  if (way === undefined || known === undefined || value.byteLength < 16) return;
  const view = new DataView(value.buffer, value.byteOffset);
  const seconds = Number(view.getBigInt64(0, true)) + Number(view.getUint32(8, true)) / 1e6;
  known[way] = seconds > 0 && seconds <= LONGEST_WAIT;
}

function intBytes(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(int("value", value));
  return bytes;
}

/** How many instructions of a filter there is room for: one at least, since with room for none the system only counts them. */
function instructions(room: number): number {
  return Math.max(1, Math.floor(room / INSTRUCTION));
}

function isFilter({ level, option }: GetsockoptCall | SetsockoptCall): boolean {
  return level === SO_ATTACH_FILTER.level && option === SO_ATTACH_FILTER.number;
}

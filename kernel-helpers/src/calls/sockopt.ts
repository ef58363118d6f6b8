import { SO_ATTACH_FILTER } from "../facts";
import type { SocketOption } from "../facts/option";
import { type Call, FILTER_PROGRAM_SIZE, libc } from "../libc";
import { make, succeed } from "./done";
import { descriptor, int, integer, lengthWithin, memory } from "./validate";

type GetCall = Extract<Call, { name: "getsockopt" }>;
type SetCall = Extract<Call, { name: "setsockopt" }>;

/** An option's number: given as a number, or as one of the option constants. */
export type OptionNumber = number | SocketOption<unknown>;

function numberOf(option: OptionNumber): number {
  if (typeof option !== "object") return int("option", option);
  if (option.number < 0) throw new RangeError(`${option.name} does not exist on this platform.`);
  return option.number;
}

/**
 * getsockopt(2) reads an option's value as the bytes that the system holds.
 *
 * @param level for example SOL_SOCKET, IPPROTO_TCP
 * @param room how many bytes to make room for, 1 to 4096
 * @returns as many bytes as the system wrote
 * @throws SocketError ENOPROTOOPT (no such option), EINVAL, EBADF, ENOTSOCK
 */
export function getsockopt(fd: number, level: number, option: OptionNumber, room = 4): Uint8Array {
  const call: GetCall = {
    name: "getsockopt",
    fd: descriptor(fd),
    level: int("level", level),
    option: numberOf(option),
    room: integer("room", room, 1, 4096),
  };
  const value = Buffer.alloc(call.room);
  const length = Buffer.alloc(4);
  length.writeInt32LE(call.room);
  succeed(
    make(call, () => {
      const result = libc.getsockopt(call.fd, call.level, call.option, value, length);
      if (result === 0) call.value = value.subarray(0, Math.min(length.readInt32LE(), call.room));
      return result;
    }),
  );
  return call.value ?? value;
}

/**
 * setsockopt(2) sets an option.
 *
 * @param value the bytes of the value, or a number for the many options that are a C `int`; for SO_ATTACH_FILTER the instructions, 8 bytes each
 * @param length how many of the bytes to pass, at most all of them
 * @throws SocketError ENOPROTOOPT (no such option, or read-only), EINVAL (wrong value or length), EPERM, EBADF, ENOTSOCK
 */
export function setsockopt(
  fd: number,
  level: number,
  option: OptionNumber,
  value: number | ArrayBufferView,
  length?: number,
): void {
  let bytes: Uint8Array;
  if (typeof value === "number") {
    const buffer = Buffer.alloc(4);
    buffer.writeInt32LE(int("value", value));
    bytes = buffer;
  } else {
    bytes = memory("value", value);
  }
  if (length !== undefined) bytes = bytes.subarray(0, lengthWithin("length", length, bytes));
  const call: SetCall = {
    name: "setsockopt",
    fd: descriptor(fd),
    level: int("level", level),
    option: numberOf(option),
    value: bytes,
  };
  if (isFilter(call)) attachFilter(call);
  else succeed(make(call, () => libc.setsockopt(call.fd, call.level, call.option, bytes, bytes.byteLength)));
}

function isFilter({ level, option }: SetCall): boolean {
  return level === SO_ATTACH_FILTER.level && option === SO_ATTACH_FILTER.number;
}

const INSTRUCTION = 8; // struct sock_filter

/** The system takes a filter by its address, so this is the one option whose value is not passed as it is. */
function attachFilter(call: SetCall): void {
  const count = integer("The number of instructions", call.value.byteLength / INSTRUCTION, 1, 0xffff);
  const program = { len: count, filter: call.value };
  succeed(make(call, () => libc.setFilter(call.fd, call.level, call.option, program, FILTER_PROGRAM_SIZE)));
}

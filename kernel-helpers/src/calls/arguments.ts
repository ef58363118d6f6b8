import { types } from "node:util";
import { shown } from "../bytes/arguments";
import { noun } from "../bytes/noun";

/*
 * Everything that is checked before a call reaches libc. koffi checks nothing: measured, `send(fd, buffer of 8, -1)` sent 491,115
 * bytes of process memory to the peer, and a descriptor of NaN became 0.
 *
 * A learner's object can have methods and getters of its own (`subarray`, `byteLength`, `Symbol.species`) that say something else each
 * time. So none of them is ever asked here: memory is looked at through JavaScript's own getters, and each number is read once.
 */

const INT_MAX = 0x7fffffff;

/**
 * @returns the value, when it is an integer from `min` to `max`
 * @throws TypeError when it is not a number, RangeError when it is another number
 *
 * @internal
 */
export function integer(name: string, value: unknown, min: number, max: number): number {
  if (typeof value !== "number") throw new TypeError(`${name} is a number from ${min} to ${max}, not ${shown(value)}.`);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} is an integer from ${min} to ${max}, not ${shown(value)}.`);
  }
  return value;
}

/**
 * Any C `int`.
 *
 * @internal
 */
export function int(name: string, value: unknown): number {
  // The usual case: a number that is equal to itself as a 32-bit integer is one.
  return typeof value === "number" && (value | 0) === value ? value : integer(name, value, -INT_MAX - 1, INT_MAX);
}

/**
 * A descriptor: any C `int`, so that the system can answer EBADF to a negative one.
 *
 * @internal
 */
export function descriptor(value: unknown, name = "fd"): number {
  return int(name, value);
}

function getter(prototype: object, name: string | symbol): (value: unknown) => unknown {
  const get = Object.getOwnPropertyDescriptor(prototype, name)!.get!;
  return (value) => get.call(value);
}

const TYPED = Object.getPrototypeOf(Uint8Array.prototype) as object;
/** "Uint8Array" and so on; undefined for what is no typed array. */
const kindOf = getter(TYPED, Symbol.toStringTag);
const OF_TYPED = {
  buffer: getter(TYPED, "buffer"),
  byteOffset: getter(TYPED, "byteOffset"),
  byteLength: getter(TYPED, "byteLength"),
};
const OF_DATA_VIEW = {
  buffer: getter(DataView.prototype, "buffer"),
  byteOffset: getter(DataView.prototype, "byteOffset"),
  byteLength: getter(DataView.prototype, "byteLength"),
};

/**
 * How many bytes a typed array has, whatever it says itself.
 *
 * @internal
 */
export function sizeOf(bytes: Uint8Array): number {
  return OF_TYPED.byteLength(bytes) as number;
}

/**
 * The bytes from `start` to `end` in the same memory, as an array without anything of the learner's.
 *
 * @internal
 */
export function part(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const offset = OF_TYPED.byteOffset(bytes) as number;
  return new Uint8Array(OF_TYPED.buffer(bytes) as ArrayBuffer, offset + start, end - start);
}

/**
 * The first bytes, copied: at most `length` of them.
 *
 * @internal
 */
export function copied(bytes: Uint8Array, length: number = sizeOf(bytes)): Uint8Array {
  const count = Math.min(length, sizeOf(bytes));
  const copy = new Uint8Array(count);
  if (count > FEW) copy.set(part(bytes, 0, count));
  else copyFew(bytes, copy, count);
  return copy;
}

/**
 * A small array lies among the other objects until somebody asks for its memory, as `set` and a view of a part do: then it gets some of its
 * own. That costs more than copying so few bytes one by one.
 */
const FEW = 128;

/**
 * Copies the first bytes, one by one.
 *
 * @internal
 */
export function copyFew(from: Uint8Array, to: Uint8Array, count: number): void {
  for (let i = 0; i < count; i++) to[i] = from[i] as number;
}

/** How many bytes of a payload a record keeps. */
const PREVIEW = 64;

/** Before anybody can replace it: nothing of a learner's may run between the checks of a call and the call. */
const latin1 = Function.prototype.call.bind(Buffer.prototype.latin1Slice) as (
  bytes: Uint8Array,
  start: number,
  end: number,
) => string;
const { fromCharCode } = String;

/**
 * The first bytes of a payload, as a record keeps them: at most `length` of them, each as one letter (Latin-1). 64 bytes take 80 of memory so,
 * and nothing that the collector looks through. As numbers they took 530 and 64 places where it looked, each time that it marked what 5,000
 * steps had kept.
 *
 * @internal
 */
export function preview(bytes: Uint8Array, length: number): string {
  return length <= SHORT ? letters(bytes, length) : latin1(bytes, 0, Math.min(length, PREVIEW));
}

/** So few bytes are put together faster here than by the function of Node's: 25 ns instead of 55 for five of them. */
const SHORT = 12;

function letters(bytes: Uint8Array, count: number): string {
  const byte = (at: number): number => bytes[at] as number;
  let text = "";
  let at = 0;
  for (; at + 4 <= count; at += 4) text += fromCharCode(byte(at), byte(at + 1), byte(at + 2), byte(at + 3));
  for (; at < count; at++) text += fromCharCode(byte(at));
  return text;
}

/**
 * The bytes of a preview.
 *
 * @internal
 */
export function bytesOfPreview(preview: string): Uint8Array {
  return Buffer.from(preview, "latin1");
}

/**
 * A length that lies within `bytes`.
 *
 * @throws RangeError for a negative, fractional or too long one
 *
 * @internal
 */
export function lengthWithin(name: string, value: unknown, bytes: Uint8Array): number {
  const room = sizeOf(bytes);
  const length = integer(name, value, 0, Number.MAX_SAFE_INTEGER);
  if (length > room)
    throw new RangeError(`${name} is ${length}, but the buffer has only ${room} ${noun(room, "byte")}.`);
  return length;
}

/**
 * The memory of a buffer or view, with its own offset and length. A Uint8Array comes back as it is; nothing but `sizeOf`, `part` and
 * `copied` may look at it.
 *
 * @throws TypeError for anything else, for memory that is detached or empty-handed, and for memory shared between threads (which could
 *   change during the call)
 *
 * @internal
 */
export function memory(name: string, value: unknown): Uint8Array {
  // Nearly all memory is a Buffer, and asking in this order costs a quarter of asking for every kind.
  const usual = kindOf(value) === "Uint8Array" && sizeOf(value as Uint8Array) > 0;
  if (usual && !types.isSharedArrayBuffer(OF_TYPED.buffer(value))) return value as Uint8Array;
  const isView = ArrayBuffer.isView(value);
  if (!isView && !types.isAnyArrayBuffer(value)) {
    throw new TypeError(`${name} is a Buffer or another view of bytes, not ${shown(value)}.`);
  }
  const looks = types.isDataView(value) ? OF_DATA_VIEW : OF_TYPED;
  try {
    const buffer = (isView ? looks.buffer(value) : value) as ArrayBuffer;
    if (types.isSharedArrayBuffer(buffer)) throw new TypeError("shared");
    if (!isView) return new Uint8Array(buffer);
    const length = looks.byteLength(value) as number;
    // A detached array says that it has no bytes; making a view of it tells the difference.
    return new Uint8Array(buffer, looks.byteOffset(value) as number, length);
  } catch (error) {
    if ((error as Error).message === "shared")
      throw new TypeError(`${name} is shared between threads; copy it with Buffer.from(…) first.`);
    throw new TypeError(`${name} is detached: its memory was moved to another thread or freed.`);
  }
}

/** What can be sent: text (as UTF-8) or bytes. */
export type Data = string | ArrayBufferView | ArrayBuffer;

/**
 * The bytes to send.
 *
 * @internal
 */
export function payload(value: unknown, name = "data"): Uint8Array {
  if (typeof value === "string") return Buffer.from(value, "utf8");
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`${name} is a string or a Buffer, not ${shown(value)}.`);
  }
  return memory(name, value);
}

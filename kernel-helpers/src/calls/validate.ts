/*
 * Everything that is checked before a call reaches libc. koffi checks nothing: measured, `send(fd, buffer of 8, -1)` sent 491,115
 * bytes of process memory to the peer, and a descriptor of NaN became 0.
 */

const INT_MAX = 0x7fffffff;

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  return typeof value === "object" && value !== null ? (value.constructor?.name ?? "object") : String(value);
}

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
  return integer(name, value, -INT_MAX - 1, INT_MAX);
}

/**
 * A descriptor: any C `int`, so that the system can answer EBADF to a negative one.
 *
 * @internal
 */
export function descriptor(value: unknown, name = "fd"): number {
  return int(name, value);
}

/**
 * A length that lies within `bytes`.
 *
 * @throws RangeError for a negative, fractional or too long one
 *
 * @internal
 */
export function lengthWithin(name: string, value: unknown, bytes: Uint8Array): number {
  const length = integer(name, value, 0, Number.MAX_SAFE_INTEGER);
  const room = trueLength(bytes);
  if (length > room) throw new RangeError(`${name} is ${length}, but the buffer has only ${room} bytes.`);
  return length;
}

/** The typed array's own `byteLength`: an object can carry a property of that name that says anything. */
const byteLength = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), "byteLength")!.get!;

function trueLength(bytes: Uint8Array): number {
  return byteLength.call(bytes) as number;
}

/**
 * The memory of a buffer or view, with its own offset and length.
 *
 * @throws TypeError for anything else, for memory that is detached, and for memory shared between threads (which could change during the call)
 *
 * @internal
 */
export function memory(name: string, value: unknown): Uint8Array {
  if (!ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer)) {
    throw new TypeError(`${name} is a Buffer or another view of bytes, not ${shown(value)}.`);
  }
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  if (typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer) {
    throw new TypeError(`${name} is shared between threads; copy it with Buffer.from(…) first.`);
  }
  try {
    if (!ArrayBuffer.isView(value)) return new Uint8Array(value);
    if (value instanceof Uint8Array && value.byteLength > 0 && trueLength(value) === value.byteLength) return value;
    return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  } catch {
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

import { types } from "node:util";
import { clean } from "./clean";

/** How many characters of a wrong value an error shows. */
const LONGEST = 60;

/**
 * How a wrong value is shown in an error: text in quotes, the rest as JavaScript writes it; the beginning of what is long. Nothing of the
 * value's own is asked: it may be a Proxy, or have a `toString` that throws.
 */
export function shown(value: unknown): string {
  if (typeof value === "string") return shortened(value, JSON.stringify);
  if (typeof value === "object" && value !== null) return isList(value) ? "an array" : "an object";
  if (typeof value === "function") return "a function";
  return shortened(typeof value === "bigint" ? `${value}n` : String(value), (text) => text);
}

/**
 * The error of a method that was called without its object, as a callback is that is written without its brackets.
 *
 * @param of whose method it is: "a handle"
 * @param example a call of one: "client.close()"
 */
export function calledAlone(of: string, example: string): TypeError {
  return new TypeError(
    `This method of ${of} was called without ${of.replace(/^an?(other)? /, "its ")}. Write ${example}, and where a function is wanted () => ${example}.`,
  );
}

/** Array.isArray, which throws for a Proxy that was revoked. */
export function isList(value: unknown): value is unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** Whether a value lets itself be asked what it is: a Proxy that was revoked throws from `instanceof`. */
export function canBeAsked(value: unknown): boolean {
  try {
    return value instanceof Object || true;
  } catch {
    return false;
  }
}

/** Whether a value can be called: a function, and no Proxy of one that was revoked. */
export function isCallable(value: unknown): boolean {
  if (typeof value !== "function") return false;
  try {
    Array.isArray(value);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a value is of a class. What a learner throws, or ends a wait with, is not asked: it can be a Proxy that was revoked, from which
 * `instanceof` throws, or one that says of itself what it is not.
 */
export function isOf<T>(value: unknown, kind: abstract new (...values: never[]) => T): value is T {
  try {
    return !types.isProxy(value) && value instanceof kind;
  } catch {
    return false;
  }
}

/**
 * Fields of an object that a learner gave, each read once: a getter can say something else the next time. Those that are undefined are left
 * out.
 *
 * @throws TypeError for an object that does not let itself be read: a Proxy that was revoked, a getter that throws
 */
export function fields<T extends object, N extends string>(
  what: string,
  value: T,
  names: readonly N[],
): { [K in N]?: K extends keyof T ? T[K] : unknown } {
  const read: { [name: string]: unknown } = {};
  let asked = "";
  try {
    for (asked of names) {
      const field = (value as { [name: string]: unknown })[asked];
      if (field !== undefined) read[asked] = field;
    }
  } catch {
    throw new TypeError(
      `${what} cannot be read: it is ${shown(value)} that throws an error when it is asked for "${asked}".`,
    );
  }
  return read as { [K in N]?: K extends keyof T ? T[K] : unknown };
}

/**
 * What is in a list that a learner gave, each element read once.
 *
 * @throws TypeError for a list that does not let itself be read, RangeError for more than `most` elements
 */
export function elements(what: string, list: readonly unknown[], most: number): unknown[] {
  const read: unknown[] = [];
  let length: number;
  try {
    length = list.length;
    for (let at = 0; at < length && at <= most; at++) read.push(list[at]);
  } catch {
    throw new TypeError(`${what} cannot be read: a list that throws an error when it is asked for its elements.`);
  }
  if (length > most) throw new RangeError(`${what} has at most ${most} elements, not ${length}.`);
  return read;
}

function shortened(text: string, written: (text: string) => string): string {
  if (text.length <= LONGEST) return clean(written(text));
  return `${clean(written(text.slice(0, LONGEST)))}… (${text.length} characters)`;
}

/**
 * Returns an integer from `min` to `max` unchanged. Nothing is rounded or wrapped: NaN must not become 0, nor 1.5 become 1.
 *
 * @throws TypeError for what is not a number, RangeError for a fraction, NaN or a number out of range
 */
export function integerBetween(what: string, value: unknown, min: number, max: number): number {
  if (typeof value !== "number") throw new TypeError(`${what} must be a number, not ${shown(value)}.`);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${what} must be an integer from ${min} to ${max}, not ${shown(value)}.`);
  }
  return value;
}

/** Returns text unchanged. @throws TypeError for anything else */
export function textOnly(what: string, value: unknown): string {
  if (typeof value !== "string") throw new TypeError(`${what} must be text, not ${shown(value)}.`);
  return value;
}

/** A view for reading and writing numbers in the bytes of an array, wherever it lies in its buffer. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

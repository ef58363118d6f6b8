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

/** Array.isArray, which throws for a Proxy that was revoked. */
function isList(value: object): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
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

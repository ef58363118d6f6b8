/** How a wrong value is shown in an error: text in quotes, the rest as JavaScript writes it. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  if (typeof value === "function") return "a function";
  return String(value);
}

/**
 * Returns an integer from `min` to `max` unchanged. Nothing is rounded or wrapped: NaN must not become 0, nor 1.5 become 1.
 *
 * @throws TypeError for what is not a number, RangeError for a fraction, NaN or a number out of range
 */
export function integerBetween(what: string, value: unknown, min: number, max: number): number {
  if (typeof value !== "number") throw new TypeError(`${what} must be a number, not ${shown(value)}.`);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${what} must be an integer from ${min} to ${max}, not ${value}.`);
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

import { integerBetween } from "./check";

const NAMED: Readonly<Record<number, string>> = {
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
  34: '\\"',
  92: "\\\\",
};

const isOctalDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x37;

function quoteByte(byte: number, next: number | undefined): string {
  const named = NAMED[byte];
  if (named !== undefined) return named;
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  // Three digits where a digit follows, so that the two cannot be read as one number.
  return `\\${byte.toString(8).padStart(isOctalDigit(next) ? 3 : 1, "0")}`;
}

/**
 * Bytes as strace -s prints them: `"hello\n"`, `"\0\377"`, and `"hell"...` when there are more than `limit`.
 *
 * @param limit how many bytes to show, 32 as in strace
 */
export function quoteBytes(bytes: Uint8Array, limit = 32): string {
  const part = bytes.subarray(0, integerBetween("The limit", limit, 0, 0x7fffffff));
  const text = Array.from(part, (byte, index) => quoteByte(byte, part[index + 1])).join("");
  return `"${text}"${bytes.byteLength > limit ? "..." : ""}`;
}

const BYTES_A_LINE = 16;
/** Two columns of eight bytes, three characters a byte and one space between the columns. */
const HEX_WIDTH = 3 * BYTES_A_LINE;

function hexdumpLine(line: Uint8Array, offset: number): string {
  const hex = Array.from(line, (byte, index) => `${index === 8 ? " " : ""}${byte.toString(16).padStart(2, "0")}`).join(
    " ",
  );
  const ascii = Array.from(line, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
  return `${offset.toString(16).padStart(8, "0")}  ${hex.padEnd(HEX_WIDTH)}  |${ascii}|`;
}

/**
 * Bytes in rows of sixteen: where the row begins, the bytes in hexadecimal, and the same as ASCII with a dot for the rest, as
 * `hexdump -C` prints them. No bytes give no text.
 */
export function hexdump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let offset = 0; offset < bytes.byteLength; offset += BYTES_A_LINE) {
    lines.push(hexdumpLine(bytes.subarray(offset, offset + BYTES_A_LINE), offset));
  }
  return lines.join("\n");
}

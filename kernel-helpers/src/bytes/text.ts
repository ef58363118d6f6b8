import { integerBetween, shown } from "./arguments";

const NAMED: Readonly<Record<number, string>> = {
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
  34: '\\"',
  92: "\\\\",
};

const isOctalDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x37;
const isPlain = (byte: number): boolean => byte >= 0x20 && byte < 0x7f;

/** Each byte as it is shown. */
const QUOTED = Array.from(
  { length: 256 },
  (_, byte) => NAMED[byte] ?? (isPlain(byte) ? String.fromCharCode(byte) : `\\${byte.toString(8)}`),
);
/** The same where an octal digit follows: with three digits, so that the two cannot be read as one number. */
const BEFORE_DIGIT = QUOTED.map((text, byte) =>
  NAMED[byte] === undefined && !isPlain(byte) ? `\\${byte.toString(8).padStart(3, "0")}` : text,
);

/**
 * Bytes as strace -s prints them: `"hello\n"`, `"\0\377"`, and `"hell"...` when there are more than `limit`.
 *
 * @param limit how many bytes to show, 32 as in strace
 * @param count how many of the bytes there are to show: all unless told
 */
export function quoteBytes(bytes: ArrayLike<number>, limit = 32, count = bytes.length): string {
  const shown = Math.min(count, bytes.length, integerBetween("The limit", limit, 0, 0x7fffffff));
  let text = '"';
  for (let i = 0; i < shown; i++) {
    const table = i + 1 < shown && isOctalDigit(bytes[i + 1] as number) ? BEFORE_DIGIT : QUOTED;
    text += table[bytes[i] as number];
  }
  return `${text}"${count > shown ? "..." : ""}`;
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
 * `hexdump -C` prints them.
 *
 * Manual: man 1 hexdump.
 *
 * @param bytes a Buffer, or another Uint8Array
 * @returns Returns the rows, without a newline at the end; of no bytes the empty text
 * @throws Errors: TypeError for what is no Uint8Array
 */
export function hexdump(bytes: Uint8Array): string {
  if (!(bytes instanceof Uint8Array))
    throw new TypeError(`hexdump() takes a Buffer, such as Buffer.from("hello"), not ${shown(bytes)}.`);
  const lines: string[] = [];
  for (let offset = 0; offset < bytes.byteLength; offset += BYTES_A_LINE) {
    lines.push(hexdumpLine(bytes.subarray(offset, offset + BYTES_A_LINE), offset));
  }
  return lines.join("\n");
}

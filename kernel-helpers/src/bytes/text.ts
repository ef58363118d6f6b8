import { types } from "node:util";
import { shown as asShown, integerBetween } from "./arguments";
import { isUnseen, unpiled } from "./clean";

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

/** One character, which may be several bytes, as it is shown before `next`. */
function quoteCharacter(character: string, next: string | undefined): string {
  if (character >= "\x80" && !isUnseen(character)) return character;
  const bytes = Buffer.from(character, "utf8");
  const digit = next !== undefined && isOctalDigit(next.charCodeAt(0));
  return Array.from(bytes, (byte, at) => (at === bytes.length - 1 && digit ? BEFORE_DIGIT : QUOTED)[byte]).join("");
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** How many bytes at the end are the beginning of a character whose other bytes are missing: 0 to 3. */
function cutAtEnd(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (isContinuation(byte)) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? back : 0;
  }
  return 0;
}

/**
 * Bytes as a person reads them: as {@link quoteBytes}, but what is UTF-8 is text, `"grüße"`. A character that was cut in two at the
 * beginning or at the end shows its bytes; bytes that are no text at all are all shown as numbers.
 */
export function quoteText(bytes: ArrayLike<number>, limit = 32, count = bytes.length): string {
  const shown = Math.min(count, bytes.length, limit);
  let ascii = true;
  for (let i = 0; i < shown && ascii; i++) ascii = (bytes[i] as number) < 0x80;
  if (ascii) return quoteBytes(bytes, limit, count);
  const all = Uint8Array.from({ length: shown }, (_, at) => bytes[at] as number);
  let start = 0;
  while (start < 3 && isContinuation(all[start])) start += 1;
  const end = shown - cutAtEnd(all.subarray(start));
  let text: string;
  try {
    text = UTF8.decode(all.subarray(start, end));
  } catch {
    return quoteBytes(bytes, limit, count);
  }
  const characters = [...text];
  const middle = unpiled(characters.map((character, at) => quoteCharacter(character, characters[at + 1])).join(""));
  const more = count > shown;
  // Where the line itself ends in the middle of a character, the dots say enough.
  const tail = more ? new Uint8Array(0) : all.subarray(end);
  const inside = (part: Uint8Array): string => quoteBytes(part, part.length).slice(1, -1);
  return `"${inside(all.subarray(0, start))}${middle}${inside(tail)}"${more ? "..." : ""}`;
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
 * @throws Errors: TypeError for what is no Uint8Array, or one whose memory is gone
 */
export function hexdump(bytes: Uint8Array): string {
  if (!types.isUint8Array(bytes)) {
    throw new TypeError(
      `hexdump shows the bytes of a Buffer or Uint8Array, not ${asShown(bytes)}. Bytes of a text: hexdump(Buffer.from("hello")).`,
    );
  }
  return rows(copyOf(bytes));
}

function copyOf(bytes: Uint8Array): Uint8Array {
  try {
    return new Uint8Array(bytes);
  } catch {
    throw new TypeError("These bytes are gone: their memory was moved to another thread or freed.");
  }
}

function rows(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let offset = 0; offset < bytes.byteLength; offset += BYTES_A_LINE) {
    lines.push(hexdumpLine(bytes.subarray(offset, offset + BYTES_A_LINE), offset));
  }
  return lines.join("\n");
}

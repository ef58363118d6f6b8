import { facts, type PlatformFacts } from "../../facts";
import { count } from "../duration";
import { shortenWithin, textColumns, textWidth, wrap } from "../measure";
import { type Picture, picture } from "../picture";
import { boxAt, document, lineTo, textAt } from "../svg";
import { INK, SIZE } from "../theme";
import { type AddressField, addressFields } from "./fields";

const ROW = 16;
const CELL = 30;
const LEFT = 14;
const ROW_HEIGHT = 64;
/** What names that are wider than their bytes need below them. */
const LEVELS = 22;
const LINE = 15;
/** A sockaddr_un has room for 108 bytes of path: the rows after these say nothing new. */
const MOST_ROWS = 4;
const WIDTH = LEFT * 2 + ROW * CELL;
const NAME_COLUMN = 14;
const TEXT_COLUMNS = 57;

const STYLE = [
  `.byte{fill:${INK.paper};stroke:${INK.quiet}}`,
  `.net{fill:${INK.network};stroke:${INK.quiet}}`,
  `.brace{stroke:${INK.text};stroke-width:1.4;fill:none}`,
].join("");

/**
 * The bytes of a socket address, as bind(2), connect(2) and the others take and give them: which byte lies where, to which field it
 * belongs, and what the fields say.
 *
 * @param bytes a struct sockaddr_in (16 bytes), sockaddr_in6 (28) or sockaddr_un (up to 110); one of another family is shown without names
 */
export function addressPicture(bytes: Uint8Array, platform: PlatformFacts = facts): Picture {
  const fields = addressFields(bytes, platform);
  const rows = Math.min(MOST_ROWS, Math.ceil(bytes.byteLength / ROW));
  const shown = Math.min(bytes.byteLength, rows * ROW);
  const parts = fields.flatMap((field) => pieces(field, shown));
  const height = ROW_HEIGHT + (parts.some(({ level }) => level > 0) ? LEVELS : 0);
  const cells = Array.from({ length: shown }, (_, index) => byteBox(bytes, index, fields, height)).join("");
  const braces = parts.map((part) => brace(part, height)).join("");
  const sentences = fields.map((field) => sentence(field, bytes));
  let y = 12 + rows * height + 14;
  const hidden = bytes.byteLength - shown;
  const lines: string[] = [];
  if (hidden > 0) {
    lines.push(textAt(LEFT, y, `… and ${count(hidden, "byte")} more`, "q"));
    y += LINE + 4;
  }
  for (const [index, field] of fields.entries()) {
    lines.push(textAt(LEFT, y, field.name, "b"));
    for (const text of wrap(sentences[index]!.split(" "), TEXT_COLUMNS)) {
      lines.push(textAt(LEFT + textWidth("m".repeat(NAME_COLUMN), SIZE), y, text));
      y += LINE;
    }
    y += 4;
  }
  const alt = [
    `The ${count(bytes.byteLength, "byte")} of a socket address.`,
    ...fields.map(({ name }, index) => `${name}: ${sentences[index]}.`),
  ].join(" ");
  return picture(document(WIDTH, y + 2, STYLE, cells + braces + lines.join("")), alt, WIDTH, y + 2);
}

function byteBox(bytes: Uint8Array, index: number, fields: readonly AddressField[], height: number): string {
  const x = LEFT + (index % ROW) * CELL;
  const y = 12 + Math.floor(index / ROW) * height;
  const field = fields.find(({ offset, length }) => index >= offset && index < offset + length);
  const box = boxAt(x, y + 12, CELL, 24, field?.order === "network" ? "net" : "byte", 0);
  return (
    textAt(x + CELL / 2, y + 8, `${index}`, "q s mid") +
    box +
    textAt(x + CELL / 2, y + 28, hex(bytes[index]!), "bare mid")
  );
}

interface Piece {
  readonly name: string;
  readonly row: number;
  readonly from: number;
  readonly to: number;
  /** How far down the name stands, so that two narrow neighbours do not meet. */
  readonly level: number;
}

/** The parts of a field that lie in one row each. */
function pieces({ name, offset, length }: AddressField, shown: number): Piece[] {
  const parts: Piece[] = [];
  for (let at = offset; at < Math.min(offset + length, shown); ) {
    const row = Math.floor(at / ROW);
    const end = Math.min(offset + length, shown, (row + 1) * ROW);
    const fits = textColumns(name) * 6.1 <= (end - at) * CELL - 4;
    parts.push({ name, row, from: at % ROW, to: end - row * ROW, level: fits ? 0 : 1 + (at % 2) });
    at = end;
  }
  return parts;
}

function brace({ name, row, from, to, level }: Piece, height: number): string {
  const y = 12 + row * height + 41;
  const [left, right] = [LEFT + from * CELL + 3, LEFT + to * CELL - 3];
  const middle = (left + right) / 2;
  const text = textWidth(name, 10) / 2;
  return (
    lineTo(left, y, right, y, "brace") +
    lineTo(left, y, left, y - 4, "brace") +
    lineTo(right, y, right, y - 4, "brace") +
    textAt(Math.max(middle, LEFT + text), y + 12 + level * 11, name, "mid s b")
  );
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

const ORDERS: Readonly<Record<AddressField["order"], string>> = {
  network: ", most significant byte first: network byte order",
  host: ", least significant byte first: this machine's own order",
  none: "",
};

function sentence({ name, offset, length, order, means }: AddressField, bytes: Uint8Array): string {
  const part = Array.from(bytes.subarray(offset, offset + length), hex);
  const shown = length > 16 ? `${part.slice(0, 6).join(" ")} …` : part.join(" ");
  const sum = name.endsWith("_port") ? ` = 0x${part[0]} × 256 + 0x${part[1]}` : "";
  const what = means === "" ? "" : ` → ${shortenWithin(means, TEXT_COLUMNS)}${sum}`;
  return `${shown}${what}${ORDERS[order]}`;
}

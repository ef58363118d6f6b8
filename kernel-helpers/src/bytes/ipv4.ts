import { shown, textOnly } from "./arguments";

const DOTTED_QUAD = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** The four bytes of an IPv4 address, or undefined when the text is not one. The rules are inet_pton(3)'s: no leading zeros. */
export function tryIPv4(text: string): Uint8Array | undefined {
  const parts = DOTTED_QUAD.exec(text)?.slice(1);
  if (parts === undefined || parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith("0")))) {
    return undefined;
  }
  return Uint8Array.from(parts, Number);
}

function advice(text: string): string {
  if (text.startsWith("[") || text.split(":").length > 2)
    return "That looks like IPv6, which needs an AF_INET6 socket.";
  if (text.includes(":")) return "Write the port separately.";
  if (/^[\d.]*$/.test(text)) return 'Write four numbers from 0 to 255 without leading zeros, such as "127.0.0.1".';
  return 'Host names are not looked up here: write the address in numbers, such as "127.0.0.1".';
}

/**
 * The four bytes of an IPv4 address in network order. Source: inet_pton(3).
 *
 * @param text four numbers from 0 to 255 with dots between them: "127.0.0.1"
 * @throws TypeError, with the text in it, for anything else
 */
export function parseIPv4(text: string): Uint8Array {
  const bytes = tryIPv4(textOnly("An IPv4 address", text));
  if (bytes === undefined) throw new TypeError(`${shown(text)} is not an IPv4 address. ${advice(text)}`);
  return bytes;
}

/** The text of an IPv4 address: "127.0.0.1". @throws RangeError unless there are four bytes */
export function formatIPv4(bytes: Uint8Array): string {
  if (bytes.byteLength !== 4) throw new RangeError(`An IPv4 address has 4 bytes, not ${bytes.byteLength}.`);
  return Array.from(bytes).join(".");
}

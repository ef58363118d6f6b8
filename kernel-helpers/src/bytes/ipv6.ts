import { shown, textOnly, viewOf } from "./arguments";
import { formatIPv4, tryIPv4 } from "./ipv4";

/** An IPv6 address: 16 bytes in network order, and the number of the interface for link-local addresses (else 0). */
export interface IPv6 {
  readonly bytes: Uint8Array;
  readonly scopeId: number;
}

/** The groups of one side of "::", with a dotted IPv4 ending taken as two groups; undefined when one is malformed. */
function groupsOf(side: string, mayEndInIPv4: boolean): number[] | undefined {
  if (side === "") return [];
  const parts = side.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    const quad = last && mayEndInIPv4 ? tryIPv4(part) : undefined;
    if (quad !== undefined) {
      const view = viewOf(quad);
      groups.push(view.getUint16(0), view.getUint16(2));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else return undefined;
  }
  return groups;
}

/** All eight groups, with "::" filled up by zeros; undefined when the text is malformed. */
function eightGroups(text: string): number[] | undefined {
  const sides = text.split("::");
  if (sides.length > 2) return undefined;
  const head = groupsOf(sides[0] ?? "", sides.length === 1);
  const tail = sides[1] === undefined ? [] : groupsOf(sides[1], true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (sides.length === 1) return missing === 0 ? head : undefined;
  return missing >= 1 ? [...head, ...new Array<number>(missing).fill(0), ...tail] : undefined;
}

/** As `parseIPv6`, but undefined when the text is not an IPv6 address. */
export function tryIPv6(text: string): IPv6 | undefined {
  const [address = "", scope, ...more] = text.split("%");
  const groups = eightGroups(address);
  if (groups === undefined || more.length > 0) return undefined;
  if (scope !== undefined && (!/^\d{1,10}$/.test(scope) || Number(scope) > 0xffffffff)) return undefined;
  const bytes = new Uint8Array(16);
  for (const [index, group] of groups.entries()) viewOf(bytes).setUint16(index * 2, group);
  return { bytes, scopeId: Number(scope ?? 0) };
}

function advice(text: string): string {
  if (tryIPv4(text) !== undefined) return `That is IPv4: use an AF_INET socket, or write "::ffff:${text}".`;
  if (text.startsWith("[")) return 'Leave out the brackets and give the port separately: "::1".';
  if (text.includes("%"))
    return 'After "%" comes the name or the number of the network interface, such as "fe80::1%2".';
  if (!text.includes(":")) return 'Host names are not looked up here: write the address in numbers, such as "::1".';
  return 'Write eight groups of hexadecimal digits, with "::" once for a run of zeros, such as "2001:db8::1".';
}

/**
 * The bytes of an IPv6 address. Source: inet_pton(3), RFC 4291 section 2.2, RFC 4007 section 11 for the interface.
 *
 * @param text "::1", "2001:db8::1", "::ffff:127.0.0.1", or with the number of an interface "fe80::1%2"
 * @throws TypeError, with the text in it, for anything else
 */
export function parseIPv6(text: string): IPv6 {
  const address = tryIPv6(textOnly("An IPv6 address", text));
  if (address === undefined) throw new TypeError(`${shown(text)} is not an IPv6 address. ${advice(text)}`);
  return address;
}

/** Where the longest run of two or more zero groups begins, the first of several, and its length (0 for none). */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start >= 2 && end - start > best.length) best = { start, length: end - start };
    start = Math.max(start, end - 1);
  }
  return best;
}

const isMapped = (groups: readonly number[]): boolean =>
  groups.slice(0, 5).every((g) => g === 0) && groups[5] === 0xffff;

/**
 * The text of an IPv6 address as RFC 5952 wants it: lower case, no leading zeros, the longest run of zeros as "::", and
 * "::ffff:127.0.0.1" for IPv4 inside IPv6.
 *
 * @throws RangeError unless there are sixteen bytes
 */
export function formatIPv6(bytes: Uint8Array): string {
  if (bytes.byteLength !== 16) throw new RangeError(`An IPv6 address has 16 bytes, not ${bytes.byteLength}.`);
  const view = viewOf(bytes);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2));
  if (isMapped(groups)) return `::ffff:${formatIPv4(bytes.subarray(12))}`;
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  const run = longestZeroRun(groups);
  if (run.length === 0) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

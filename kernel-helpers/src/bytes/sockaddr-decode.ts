import { facts, type PlatformFacts } from "../facts";
import { integerBetween, viewOf } from "./arguments";
import { readIPv4 } from "./ipv4";
import { formatIPv6 } from "./ipv6";
import { SOCKADDR_OFFSETS as AT, FAMILY_SIZE, type SocketAddress } from "./sockaddr";

/** A sockaddr_in says all it has to say in its first 8 bytes; the other 8 are padding. */
const IPV4_USED = 8;

function unixPath(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  // An abstract name begins with a zero and its length is the address's; a path ends at its first zero.
  return Buffer.from(end > 0 ? bytes.subarray(0, end) : bytes).toString("utf8");
}

/** On macOS a socket without a name comes with a path of zeros alone. */
function isNameless(bytes: Uint8Array, platform: PlatformFacts): boolean {
  return bytes.byteLength === 0 || (platform.os === "darwin" && bytes[0] === 0);
}

/**
 * Reads the bytes of an address that a system call filled in.
 *
 * @param bytes the room given to the call
 * @param length what the call says the address needs; more than there is room for means that the rest is missing
 * @returns undefined when the system gave no address, as for recvfrom on a connected stream socket. An address that is too
 * short for its family comes with its plain bytes.
 */
export function decodeSockaddr(
  bytes: Uint8Array,
  length: number = bytes.byteLength,
  platform: PlatformFacts = facts,
): SocketAddress | undefined {
  integerBetween("The length of an address", length, 0, 0xffffffff);
  if (Math.min(length, bytes.byteLength) < FAMILY_SIZE) return undefined;
  const { AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC } = platform.constants;
  const [first, second] = [bytes[0]!, bytes[1]!];
  const family = platform.sockaddrHasLength ? second : first | (second << 8);
  // The usual one, and the shortest way to it: every view of a small array costs that memory of its own.
  if (family === AF_INET && Math.min(length, bytes.byteLength) >= IPV4_USED) {
    const port = (bytes[AT.port]! << 8) | bytes[AT.port + 1]!;
    return { family: "AF_INET", address: readIPv4(bytes, AT.ipv4), port };
  }
  const used = bytes.subarray(0, length);
  const view = viewOf(used);
  const data = used.subarray(FAMILY_SIZE);
  if (family === AF_INET6 && used.byteLength >= platform.sockaddrIn6Size) {
    return {
      family: "AF_INET6",
      address: formatIPv6(used.subarray(AT.ipv6, AT.ipv6 + 16)),
      port: view.getUint16(AT.port),
      flowinfo: view.getUint32(AT.flowinfo),
      scopeId: view.getUint32(AT.scopeId, true),
    };
  }
  if (family === AF_UNIX) return { family: "AF_UNIX", path: isNameless(data, platform) ? "" : unixPath(data) };
  if (family === AF_UNSPEC) return { family: "AF_UNSPEC" };
  // A copy: the room is used again by the next call, and slice() of a Buffer would share its memory.
  return { family: `${family}`, data: Uint8Array.from(data) };
}

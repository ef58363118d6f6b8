import { types } from "node:util";
import { facts, type PlatformFacts } from "../facts";
import { integerBetween, shown, textOnly, viewOf } from "./arguments";
import { writeIPv4 } from "./ipv4";
import { parseIPv6 } from "./ipv6";
import { SOCKADDR_OFFSETS as AT, FAMILY_SIZE, SOCKADDR_STORAGE_SIZE, type SocketAddress } from "./sockaddr";

/** An array of `size` bytes that begins with the family in the platform's form. */
function blank(family: number, size: number, platform: PlatformFacts): Uint8Array {
  const bytes = new Uint8Array(size);
  // One by one: a view of a small array would cost it memory of its own.
  bytes[0] = platform.sockaddrHasLength ? size : family & 0xff;
  bytes[1] = platform.sockaddrHasLength ? family : family >>> 8;
  return bytes;
}

function port(value: unknown): number {
  return integerBetween("A port", value, 0, 0xffff);
}

function encodeIPv4(address: Extract<SocketAddress, { family: "AF_INET" }>, platform: PlatformFacts): Uint8Array {
  const bytes = blank(platform.constants.AF_INET, platform.sockaddrInSize, platform);
  const number = port(address.port);
  bytes[AT.port] = number >>> 8;
  bytes[AT.port + 1] = number & 0xff;
  writeIPv4(address.address, bytes, AT.ipv4);
  return bytes;
}

function encodeIPv6(address: Extract<SocketAddress, { family: "AF_INET6" }>, platform: PlatformFacts): Uint8Array {
  const bytes = blank(platform.constants.AF_INET6, platform.sockaddrIn6Size, platform);
  const view = viewOf(bytes);
  const parsed = parseIPv6(address.address);
  const scopeId = integerBetween("scopeId", address.scopeId ?? 0, 0, 0xffffffff);
  if (scopeId !== 0 && parsed.scopeId !== 0 && scopeId !== parsed.scopeId) {
    throw new RangeError(`The address ${shown(address.address)} and scopeId ${scopeId} name two interfaces.`);
  }
  view.setUint16(AT.port, port(address.port));
  view.setUint32(AT.flowinfo, integerBetween("flowinfo", address.flowinfo ?? 0, 0, 0xffffffff));
  bytes.set(parsed.bytes, AT.ipv6);
  view.setUint32(AT.scopeId, scopeId === 0 ? parsed.scopeId : scopeId, true);
  return bytes;
}

/** A path ends with a zero byte; an abstract name begins with one and is as long as the whole address says; no name has no bytes. */
function encodeUnix(path: string, platform: PlatformFacts): Uint8Array {
  const abstract = path.startsWith("\0");
  if (abstract && platform.os !== "linux")
    throw new RangeError("Abstract socket names, which begin with \\0, exist on Linux only.");
  if (path.indexOf("\0", 1) > 0 && !abstract)
    throw new TypeError(`A socket path ends at its first \\0: ${shown(path)}.`);
  const name = Buffer.from(path === "" || abstract ? path : `${path}\0`, "utf8");
  if (name.byteLength > platform.unixPathSize) {
    throw new RangeError(
      `A socket path has room for ${platform.unixPathSize} bytes with its ending zero, and ${shown(path)} needs ${name.byteLength}.`,
    );
  }
  const bytes = blank(platform.constants.AF_UNIX, platform.unixPathOffset + name.byteLength, platform);
  bytes.set(name, platform.unixPathOffset);
  return bytes;
}

function encodeOther(family: string, data: unknown, platform: PlatformFacts): Uint8Array {
  const number = /^\d+$/.test(family) ? Number(family) : Number.NaN;
  if (!Number.isInteger(number) || !types.isUint8Array(data)) {
    throw new TypeError(
      `An address of family ${shown(family)} cannot be written: use AF_INET, AF_INET6, AF_UNIX or AF_UNSPEC.`,
    );
  }
  integerBetween("An address family", number, 0, platform.sockaddrHasLength ? 0xff : 0xffff);
  integerBetween("The length of the address data", data.byteLength, 0, SOCKADDR_STORAGE_SIZE - FAMILY_SIZE);
  const bytes = blank(number, FAMILY_SIZE + data.byteLength, platform);
  bytes.set(data, FAMILY_SIZE);
  return bytes;
}

/**
 * The bytes of an address as the system calls take them: 16 for AF_INET, 28 for AF_INET6, and for AF_UNIX as many as the path
 * needs. AF_UNSPEC gives the 16 bytes with which connect(2) undoes a connection.
 *
 * @throws RangeError for a port outside 0 to 65535 or a path that is too long; TypeError for an address that is not one
 */
export function encodeSockaddr(address: SocketAddress, platform: PlatformFacts = facts): Uint8Array {
  if (typeof address !== "object" || address === null)
    throw new TypeError(
      `A socket address is an object such as { family: "AF_INET", address: "127.0.0.1", port: 80 }, not ${shown(address)}.`,
    );
  const { family } = address;
  if (typeof family !== "string") {
    throw new TypeError(
      `A socket address is an object such as { family: "AF_INET", address: "127.0.0.1", port: 80 }; its family is ${shown(family)}.`,
    );
  }
  switch (address.family) {
    case "AF_INET":
      return encodeIPv4(address, platform);
    case "AF_INET6":
      return encodeIPv6(address, platform);
    case "AF_UNIX":
      return encodeUnix(textOnly("A socket path", address.path), platform);
    case "AF_UNSPEC":
      return blank(platform.constants.AF_UNSPEC, platform.sockaddrInSize, platform);
    default:
      return encodeOther(address.family, address.data, platform);
  }
}

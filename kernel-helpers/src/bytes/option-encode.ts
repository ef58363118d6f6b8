import { types } from "node:util";
import {
  facts,
  type Ipv4Membership,
  type Ipv6Membership,
  type LingerValue,
  type OptionInput,
  type PlatformFacts,
  type SocketOption,
} from "../facts";
import { fields, integerBetween, shown, textOnly, viewOf } from "./arguments";
import { parseIPv4, tryIPv4 } from "./ipv4";
import { parseIPv6 } from "./ipv6";

const INT_MIN = -0x80000000;
const INT_MAX = 0x7fffffff;

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setInt32(0, value, true);
  return bytes;
}

function object<T extends object>(
  what: string,
  value: unknown,
  names: readonly (keyof T & string)[],
  example: string,
): { [K in keyof T & string]?: unknown } {
  if (typeof value !== "object" || value === null)
    throw new TypeError(`${what} takes ${example}, not ${shown(value)}.`);
  return fields(what, value as T, names);
}

function linger(what: string, value: unknown): Uint8Array {
  const { onoff, linger } = object<LingerValue>(what, value, ["onoff", "linger"], "{ onoff: true, linger: 5 }");
  if (typeof onoff !== "boolean") throw new TypeError(`${what}: onoff must be true or false, not ${shown(onoff)}.`);
  const seconds = integerBetween(`${what}: linger (seconds)`, linger, 0, INT_MAX);
  return Uint8Array.of(...int32(Number(onoff)), ...int32(seconds));
}

function timeval(what: string, value: unknown, platform: PlatformFacts): Uint8Array {
  if (typeof value !== "number") throw new TypeError(`${what} takes milliseconds as a number, not ${shown(value)}.`);
  if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER / 1000)) {
    throw new RangeError(
      `${what} takes milliseconds from 0 to ${Math.floor(Number.MAX_SAFE_INTEGER / 1000)}, not ${value}.`,
    );
  }
  // Rounded up: a wait of less than a microsecond must not become 0, which waits for ever.
  const microseconds = Math.ceil(value * 1000);
  const bytes = new Uint8Array(platform.timevalSize);
  const view = viewOf(bytes);
  view.setBigInt64(0, BigInt(Math.floor(microseconds / 1_000_000)), true);
  if (platform.timevalUsecSize === 8) view.setBigInt64(8, BigInt(microseconds % 1_000_000), true);
  else view.setInt32(8, microseconds % 1_000_000, true);
  return bytes;
}

function ipv4Membership(what: string, value: unknown): Uint8Array {
  const membership = object<Ipv4Membership>(
    what,
    value,
    ["group", "interface"],
    '{ group: "239.1.2.3", interface: "127.0.0.1" }',
  );
  return Uint8Array.of(
    ...parseIPv4(textOnly(`${what}: group`, membership.group)),
    ...ipv4Interface(what, membership.interface),
  );
}

const WHERE = 'require("node:os").networkInterfaces() lists them';

function ipv4Interface(what: string, value: unknown): Uint8Array {
  const bytes = typeof value === "string" ? tryIPv4(value) : undefined;
  if (bytes !== undefined) return bytes;
  throw new TypeError(
    `${what}: the interface is named by one of its own IPv4 addresses, such as "127.0.0.1" ("0.0.0.0": the system chooses), not ${shown(value)}: ${WHERE}.`,
  );
}

function ipv6Interface(what: string, value: unknown): number {
  if (typeof value === "number") return integerBetween(`${what}: interface`, value, 0, 0xffffffff);
  throw new TypeError(
    `${what}: the interface is named by its number, such as 1 (0: the system chooses), not ${shown(value)}: ${WHERE}, with the number as scopeid.`,
  );
}

function ipv6Membership(what: string, value: unknown): Uint8Array {
  const membership = object<Ipv6Membership>(what, value, ["group", "interface"], '{ group: "ff02::1", interface: 0 }');
  const bytes = new Uint8Array(20);
  bytes.set(parseIPv6(textOnly(`${what}: group`, membership.group)).bytes);
  viewOf(bytes).setUint32(16, ipv6Interface(what, membership.interface), true);
  return bytes;
}

function plainBytes(what: string, value: unknown): Uint8Array {
  if (!types.isUint8Array(value)) throw new TypeError(`${what} takes a Uint8Array, not ${shown(value)}.`);
  try {
    return new Uint8Array(value);
  } catch {
    throw new TypeError(`${what}: the memory of the bytes was moved to another thread or freed.`);
  }
}

/**
 * The bytes that setsockopt(2) takes for a value. SO_ATTACH_FILTER gives the instructions alone: the call puts them into a
 * struct sock_fprog.
 *
 * @throws TypeError for a value of the wrong kind, RangeError for a number out of range or an option that can only be read;
 * each names the option
 */
export function encodeOptionValue<Value>(
  option: SocketOption<Value>,
  value: OptionInput<Value>,
  platform: PlatformFacts = facts,
): Uint8Array {
  const { name } = option;
  switch (option.kind) {
    case "bool":
      return int32(typeof value === "boolean" ? Number(value) : integerBetween(name, value, INT_MIN, INT_MAX));
    case "int":
      if (option.unit === "interface number" && typeof value !== "number") ipv6Interface(name, value);
      return int32(integerBetween(name, value, INT_MIN, INT_MAX));
    case "byte":
      return Uint8Array.of(integerBetween(name, typeof value === "boolean" ? Number(value) : value, 0, 0xff));
    case "linger":
      return linger(name, value);
    case "timeval":
      return timeval(name, value, platform);
    case "in_addr":
      return ipv4Interface(name, value);
    case "ip_mreq":
      return ipv4Membership(name, value);
    case "ipv6_mreq":
      return ipv6Membership(name, value);
    case "text":
      return Uint8Array.from(Buffer.from(`${textOnly(name, value)}\0`, "utf8"));
    case "bytes":
      return plainBytes(name, value);
    case "ucred":
    case "tcp_info":
      throw new RangeError(`${name} can be read and not set.`);
  }
}

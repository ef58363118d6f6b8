import { decodeSockaddr, type SocketAddress } from "../../bytes";
import { facts, type PlatformFacts } from "../../facts";
import { count } from "../duration";

/** In which order a number of several bytes lies in memory. */
export type Order = "network" | "host" | "none";

/** A field of a struct sockaddr_in, sockaddr_in6 or sockaddr_un. */
export interface AddressField {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  readonly order: Order;
  /** What the bytes say: "20733", "127.0.0.1". */
  readonly means: string;
}

/** The fields that these bytes have. An address of another family, or one that is too short, has a family and data. */
export function addressFields(bytes: Uint8Array, platform: PlatformFacts = facts): AddressField[] {
  const address = decodeSockaddr(bytes, bytes.byteLength, platform);
  if (address === undefined) return rest("data", 0, bytes, "too short for an address");
  switch (address.family) {
    case "AF_INET":
      return [
        ...head("sin", address.family, bytes, platform),
        { name: "sin_port", offset: 2, length: 2, order: "network", means: `${address.port}` },
        { name: "sin_addr", offset: 4, length: 4, order: "network", means: address.address },
        ...rest("sin_zero", 8, bytes, "padding: says nothing"),
      ];
    case "AF_INET6":
      return [
        ...head("sin6", address.family, bytes, platform),
        { name: "sin6_port", offset: 2, length: 2, order: "network", means: `${address.port}` },
        { name: "sin6_flowinfo", offset: 4, length: 4, order: "network", means: `flow label ${address.flowinfo}` },
        { name: "sin6_addr", offset: 8, length: 16, order: "network", means: address.address },
        { name: "sin6_scope_id", offset: 24, length: 4, order: "host", means: interfaceOf(address.scopeId) },
      ];
    case "AF_UNIX":
      return [...head("sun", address.family, bytes, platform), ...rest("sun_path", 2, bytes, pathMeaning(address))];
    default:
      return [...head("sa", address.family, bytes, platform), ...rest("sa_data", 2, bytes, "")];
  }
}

function head(prefix: string, familyName: string, bytes: Uint8Array, platform: PlatformFacts): AddressField[] {
  if (!platform.sockaddrHasLength) {
    const family = bytes[0]! + 256 * bytes[1]!;
    return [
      {
        name: `${prefix}_family`,
        offset: 0,
        length: 2,
        order: "host",
        means: `${familyName} (${family})`,
      },
    ];
  }
  return [
    { name: `${prefix}_len`, offset: 0, length: 1, order: "none", means: count(bytes[0] ?? 0, "byte") },
    {
      name: `${prefix}_family`,
      offset: 1,
      length: 1,
      order: "none",
      means: `${familyName} (${bytes[1]})`,
    },
  ];
}

function rest(name: string, offset: number, bytes: Uint8Array, means: string): AddressField[] {
  const length = bytes.byteLength - offset;
  return length <= 0 ? [] : [{ name, offset, length, order: "none", means }];
}

function interfaceOf(scopeId: number): string {
  return scopeId === 0 ? "no interface" : `interface ${scopeId}`;
}

function pathMeaning({ path }: Extract<SocketAddress, { family: "AF_UNIX" }>): string {
  if (path === "") return "no name";
  return path.startsWith("\0")
    ? `the abstract name "${path.slice(1)}": no file`
    : `the path "${path}", ended by a zero byte`;
}

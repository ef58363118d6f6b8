import { facts, type PlatformFacts, type SocketOption } from "../facts";
import { viewOf } from "./arguments";
import { formatIPv4 } from "./ipv4";
import { formatIPv6 } from "./ipv6";
import { noun } from "./noun";
import { decodeTcpInfo } from "./tcp-info";

function needs(option: SocketOption<unknown>, bytes: Uint8Array, size: number): DataView {
  if (bytes.byteLength < size)
    throw new RangeError(
      `${option.name} has ${size} bytes, and ${bytes.byteLength} ${noun(bytes.byteLength, "was", "were")} returned.`,
    );
  return viewOf(bytes);
}

/** The system writes an int, or a single byte where there is room for no more. */
function integer(option: SocketOption<unknown>, bytes: Uint8Array): number {
  return bytes.byteLength >= 1 && bytes.byteLength < 4 ? (bytes[0] ?? 0) : needs(option, bytes, 4).getInt32(0, true);
}

function milliseconds(view: DataView, platform: PlatformFacts): number {
  const seconds = Number(view.getBigInt64(0, true));
  const microseconds = platform.timevalUsecSize === 8 ? Number(view.getBigInt64(8, true)) : view.getInt32(8, true);
  return seconds * 1000 + microseconds / 1000;
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString("utf8");
}

function decode(option: SocketOption<unknown>, bytes: Uint8Array, platform: PlatformFacts): unknown {
  switch (option.kind) {
    case "int":
    case "bool":
    case "byte":
      return integer(option, bytes);
    case "linger": {
      const view = needs(option, bytes, platform.lingerSize);
      return { onoff: view.getInt32(0, true) !== 0, linger: view.getInt32(4, true) };
    }
    case "timeval":
      return milliseconds(needs(option, bytes, platform.timevalSize), platform);
    case "tcp_info":
      return decodeTcpInfo(bytes);
    case "in_addr":
      needs(option, bytes, 4);
      return formatIPv4(bytes.subarray(0, 4));
    case "ip_mreq":
      needs(option, bytes, 8);
      return { group: formatIPv4(bytes.subarray(0, 4)), interface: formatIPv4(bytes.subarray(4, 8)) };
    case "ipv6_mreq": {
      const view = needs(option, bytes, 20);
      return { group: formatIPv6(bytes.subarray(0, 16)), interface: view.getUint32(16, true) };
    }
    case "ucred": {
      const view = needs(option, bytes, 12);
      return { pid: view.getInt32(0, true), uid: view.getUint32(4, true), gid: view.getUint32(8, true) };
    }
    case "text":
      return text(bytes);
    case "bytes":
      return Uint8Array.from(bytes);
  }
}

/**
 * The value that getsockopt(2) returned, from exactly the bytes that it says it wrote. Options that are on or off come as the
 * number that the system gives: 0 or 1 on Linux, 0 or the option's own number for some on macOS.
 *
 * @throws RangeError, with the option's name, when there are fewer bytes than the value has
 */
export function decodeOptionValue<Value>(
  option: SocketOption<Value>,
  bytes: Uint8Array,
  platform: PlatformFacts = facts,
): Value {
  return decode(option, bytes, platform) as Value;
}

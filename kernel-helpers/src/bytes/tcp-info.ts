import { TCP_INFO_FIELDS, TCP_INFO_MINIMUM, TCP_STATES, type TcpInfo, type TcpInfoField } from "../facts";
import { viewOf } from "./arguments";

const UNLIMITED = 0xffffffffffffffffn;

function number(view: DataView, [, offset, size]: TcpInfoField): number {
  if (size === 1) return view.getUint8(offset);
  if (size === 4) return view.getUint32(offset, true);
  const value = view.getBigUint64(offset, true);
  return value === UNLIMITED ? Number.POSITIVE_INFINITY : Number(value);
}

/**
 * Reads a struct tcp_info as far as its bytes go: a field that an older kernel does not have is absent.
 *
 * @throws RangeError for fewer than 104 bytes, which no kernel returns when there is room for more
 */
export function decodeTcpInfo(bytes: Uint8Array): TcpInfo {
  if (bytes.byteLength < TCP_INFO_MINIMUM) {
    throw new RangeError(`TCP_INFO has at least ${TCP_INFO_MINIMUM} bytes, not ${bytes.byteLength}.`);
  }
  const view = viewOf(bytes);
  const info: Record<string, number | string> = {};
  for (const [name, field] of Object.entries(TCP_INFO_FIELDS)) {
    if (field[1] + field[2] <= bytes.byteLength) info[name] = number(view, field);
  }
  const state = TCP_STATES[info.state as number] ?? String(info.state);
  // A listening socket has no segments of its own: the kernel gives its two queue numbers in their place (measured, and tcp_diag does so).
  const queue = state === "LISTEN" ? { acceptQueue: info.unacked, backlog: info.sacked } : {};
  return { ...info, state, ...queue } as unknown as TcpInfo;
}

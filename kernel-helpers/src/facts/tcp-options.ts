import { EVERYWHERE, option } from "./option";
import type { TcpInfo } from "./tcp-info";

// Options of TCP sockets. Source: tcp(7). The macOS numbers are from its headers and have not been run.

/** Sends small pieces at once instead of gathering them (turns off the Nagle algorithm). Value: 1 or 0. See man 7 tcp. */
export const TCP_NODELAY = option("TCP_NODELAY", {
  level: "SOL_TCP",
  linux: 1,
  darwin: 1,
  kind: "bool",
  unit: "1 or 0",
});
/** Largest segment. Value: bytes. See man 7 tcp. */
export const TCP_MAXSEG = option("TCP_MAXSEG", { level: "SOL_TCP", linux: 2, darwin: 2, kind: "int", unit: "bytes" });
/** Holds back segments that are not full, for 200 ms at most. macOS does not have it. Value: 1 or 0. See man 7 tcp. */
export const TCP_CORK = option("TCP_CORK", { level: "SOL_TCP", linux: 3, darwin: -1, kind: "bool", unit: "1 or 0" });
/** Silence before the first keep-alive probe. macOS calls it TCP_KEEPALIVE. Value: s (seconds). See man 7 tcp. */
export const TCP_KEEPIDLE = option("TCP_KEEPIDLE", {
  level: "SOL_TCP",
  linux: 4,
  darwin: 0x10,
  kind: "int",
  unit: "s",
});
/** Time between keep-alive probes. Value: s (seconds). See man 7 tcp. */
export const TCP_KEEPINTVL = option("TCP_KEEPINTVL", {
  level: "SOL_TCP",
  linux: 5,
  darwin: 0x101,
  kind: "int",
  unit: "s",
});
/** Unanswered keep-alive probes after which the connection is given up. Value: probes. See man 7 tcp. */
export const TCP_KEEPCNT = option("TCP_KEEPCNT", {
  level: "SOL_TCP",
  linux: 6,
  darwin: 0x102,
  kind: "int",
  unit: "probes",
});
/**
 * accept gets a connection only when its first data is there, or after this time. macOS does not have it. Value: s (seconds). See man 7
 * tcp.
 */
export const TCP_DEFER_ACCEPT = option("TCP_DEFER_ACCEPT", {
  level: "SOL_TCP",
  linux: 9,
  darwin: -1,
  kind: "int",
  unit: "s",
});
/**
 * Everything the system knows about the connection. macOS has another form of it, which is not read here. It can only be read. Value:
 * struct tcp_info. See man 7 tcp.
 */
export const TCP_INFO = option<TcpInfo>("TCP_INFO", {
  level: "SOL_TCP",
  linux: 11,
  darwin: -1,
  kind: "tcp_info",
  unit: "struct tcp_info",
  readOnly: EVERYWHERE,
});
/** Acknowledges at once; the system may switch it back by itself. macOS does not have it. Value: 1 or 0. See man 7 tcp. */
export const TCP_QUICKACK = option("TCP_QUICKACK", {
  level: "SOL_TCP",
  linux: 12,
  darwin: -1,
  kind: "bool",
  unit: "1 or 0",
});
/** The congestion control in use, such as cubic. macOS does not have it. Value: name of the algorithm. See man 7 tcp. */
export const TCP_CONGESTION = option<string>("TCP_CONGESTION", {
  level: "SOL_TCP",
  linux: 13,
  darwin: -1,
  kind: "text",
  unit: "name of the algorithm",
});
/**
 * How long sent data may stay unacknowledged before the connection is given up; 0 is the default of the system. macOS does not have it.
 * Value: ms (milliseconds). See man 7 tcp.
 */
export const TCP_USER_TIMEOUT = option("TCP_USER_TIMEOUT", {
  level: "SOL_TCP",
  linux: 18,
  darwin: -1,
  kind: "int",
  unit: "ms",
});
/** On a listening socket: how many connections may carry data in their first segment. Value: connections. See man 7 tcp. */
export const TCP_FASTOPEN = option("TCP_FASTOPEN", {
  level: "SOL_TCP",
  linux: 23,
  darwin: 0x105,
  kind: "int",
  unit: "connections",
});

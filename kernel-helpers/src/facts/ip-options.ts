import { EVERYWHERE, type Ipv4Membership, option } from "./option";

// Options of IPv4 sockets. Source: ip(7). The macOS numbers are from its headers and have not been run.

/** The type-of-service byte of packets sent. Value: bits. See man 7 ip. */
export const IP_TOS = option("IP_TOS", { level: "SOL_IP", linux: 1, darwin: 3, kind: "int", unit: "bits" });
/** How many routers a packet may pass, 1 to 255. Value: hops. See man 7 ip. */
export const IP_TTL = option("IP_TTL", { level: "SOL_IP", linux: 2, darwin: 4, kind: "int", unit: "hops" });
/**
 * Whether packets may be split on the way: 0 never discovers the path MTU, 1 as the route says, 2 always. macOS does not have it. Value: 0
 * to 5. See man 7 ip.
 */
export const IP_MTU_DISCOVER = option("IP_MTU_DISCOVER", {
  level: "SOL_IP",
  linux: 10,
  darwin: -1,
  kind: "int",
  unit: "0 to 5",
});
/** Each datagram comes with the address that it was sent to, and the interface that it came by: recvmsg() tells them. Value: 1 or 0. See man 7 ip. */
export const IP_PKTINFO = option("IP_PKTINFO", {
  level: "SOL_IP",
  linux: 8,
  darwin: 26,
  kind: "bool",
  unit: "1 or 0",
});
/** Keeps errors from the network in a queue of their own, which recvmsg() reads with MSG_ERRQUEUE. macOS does not have it. Value: 1 or 0. See man 7 ip. */
export const IP_RECVERR = option("IP_RECVERR", {
  level: "SOL_IP",
  linux: 11,
  darwin: -1,
  kind: "bool",
  unit: "1 or 0",
});
/** Path MTU of a connected socket. macOS does not have it. It can only be read. Value: bytes. See man 7 ip. */
export const IP_MTU = option("IP_MTU", {
  level: "SOL_IP",
  linux: 14,
  darwin: -1,
  kind: "int",
  unit: "bytes",
  readOnly: EVERYWHERE,
});
/** The interface that multicast leaves by, named by one of its addresses. Value: IPv4 address. See man 7 ip. */
export const IP_MULTICAST_IF = option<string>("IP_MULTICAST_IF", {
  level: "SOL_IP",
  linux: 32,
  darwin: 9,
  kind: "in_addr",
  unit: "IPv4 address",
});
/** How many routers a multicast packet may pass; 1 stays on the local network. Value: hops. See man 7 ip. */
export const IP_MULTICAST_TTL = option("IP_MULTICAST_TTL", {
  level: "SOL_IP",
  linux: 33,
  darwin: 10,
  kind: "int",
  unit: "hops",
  darwinKind: "byte",
});
/** Whether multicast comes back to this machine. Value: 1 or 0. See man 7 ip. */
export const IP_MULTICAST_LOOP = option("IP_MULTICAST_LOOP", {
  level: "SOL_IP",
  linux: 34,
  darwin: 11,
  kind: "bool",
  unit: "1 or 0",
  darwinKind: "byte",
});
/** Joins a multicast group. Value: group, interface: { group: "239.1.2.3", interface: "127.0.0.1" }. See man 7 ip. */
export const IP_ADD_MEMBERSHIP = option<Ipv4Membership>("IP_ADD_MEMBERSHIP", {
  level: "SOL_IP",
  linux: 35,
  darwin: 12,
  kind: "ip_mreq",
  unit: "group, interface",
  writeOnly: EVERYWHERE,
});
/** Leaves a multicast group. Value: group, interface: { group: "239.1.2.3", interface: "127.0.0.1" }. See man 7 ip. */
export const IP_DROP_MEMBERSHIP = option<Ipv4Membership>("IP_DROP_MEMBERSHIP", {
  level: "SOL_IP",
  linux: 36,
  darwin: 13,
  kind: "ip_mreq",
  unit: "group, interface",
  writeOnly: EVERYWHERE,
});
/** Whether groups that other sockets joined are received, too. macOS does not have it. Value: 1 or 0. See man 7 ip. */
export const IP_MULTICAST_ALL = option("IP_MULTICAST_ALL", {
  level: "SOL_IP",
  linux: 49,
  darwin: -1,
  kind: "bool",
  unit: "1 or 0",
});

import { EVERYWHERE, type Ipv6Membership, option } from "./option";

// Options of IPv6 sockets. Source: ipv6(7). The macOS numbers are from its headers and have not been run.

/** How many routers a packet may pass, 1 to 255; -1 is the default of the system. Value: hops. See man 7 ipv6. */
export const IPV6_UNICAST_HOPS = option("IPV6_UNICAST_HOPS", {
  level: "SOL_IPV6",
  linux: 16,
  darwin: 4,
  kind: "int",
  unit: "hops",
});
/** The interface that multicast leaves by; 0 lets the system choose. Value: interface number. See man 7 ipv6. */
export const IPV6_MULTICAST_IF = option("IPV6_MULTICAST_IF", {
  level: "SOL_IPV6",
  linux: 17,
  darwin: 9,
  kind: "int",
  unit: "interface number",
});
/** How many routers a multicast packet may pass. Value: hops. See man 7 ipv6. */
export const IPV6_MULTICAST_HOPS = option("IPV6_MULTICAST_HOPS", {
  level: "SOL_IPV6",
  linux: 18,
  darwin: 10,
  kind: "int",
  unit: "hops",
});
/** Whether multicast comes back to this machine. Value: 1 or 0. See man 7 ipv6. */
export const IPV6_MULTICAST_LOOP = option("IPV6_MULTICAST_LOOP", {
  level: "SOL_IPV6",
  linux: 19,
  darwin: 11,
  kind: "bool",
  unit: "1 or 0",
});
/** Joins a multicast group. Value: group, interface number: { group: "ff02::1", interface: 0 }. See man 7 ipv6. */
export const IPV6_JOIN_GROUP = option<Ipv6Membership>("IPV6_JOIN_GROUP", {
  level: "SOL_IPV6",
  linux: 20,
  darwin: 12,
  kind: "ipv6_mreq",
  unit: "group, interface number",
  writeOnly: EVERYWHERE,
  traceName: "IPV6_ADD_MEMBERSHIP",
});
/** Leaves a multicast group. Value: group, interface number: { group: "ff02::1", interface: 0 }. See man 7 ipv6. */
export const IPV6_LEAVE_GROUP = option<Ipv6Membership>("IPV6_LEAVE_GROUP", {
  level: "SOL_IPV6",
  linux: 21,
  darwin: 13,
  kind: "ipv6_mreq",
  unit: "group, interface number",
  writeOnly: EVERYWHERE,
  traceName: "IPV6_DROP_MEMBERSHIP",
});
/** 0: an IPv6 socket also takes IPv4, as ::ffff:a.b.c.d; 1: it does not. Value: 1 or 0. See man 7 ipv6. */
export const IPV6_V6ONLY = option("IPV6_V6ONLY", {
  level: "SOL_IPV6",
  linux: 26,
  darwin: 27,
  kind: "bool",
  unit: "1 or 0",
});
/** Each datagram comes with the address that it was sent to, and the interface that it came by: recvmsg() tells them. Value: 1 or 0. See man 7 ipv6. */
export const IPV6_RECVPKTINFO = option("IPV6_RECVPKTINFO", {
  level: "SOL_IPV6",
  linux: 49,
  darwin: 61,
  kind: "bool",
  unit: "1 or 0",
});
/** Keeps errors from the network in a queue of their own, which recvmsg() reads with MSG_ERRQUEUE. macOS does not have it. Value: 1 or 0. See man 7 ipv6. */
export const IPV6_RECVERR = option("IPV6_RECVERR", {
  level: "SOL_IPV6",
  linux: 25,
  darwin: -1,
  kind: "bool",
  unit: "1 or 0",
});

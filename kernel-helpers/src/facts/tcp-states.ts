/**
 * TCP states by the number that the Linux kernel uses in TCP_INFO and /proc/net/tcp. The words are the kernel's.
 * Source: include/net/tcp_states.h, tcp(7).
 */
export const TCP_STATES: Readonly<Record<number, string>> = {
  1: "ESTABLISHED",
  2: "SYN_SENT",
  3: "SYN_RECV",
  4: "FIN_WAIT1",
  5: "FIN_WAIT2",
  6: "TIME_WAIT",
  7: "CLOSE",
  8: "CLOSE_WAIT",
  9: "LAST_ACK",
  10: "LISTEN",
  11: "CLOSING",
};

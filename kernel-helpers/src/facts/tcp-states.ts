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

/** The kernel's word for a state → the name in RFC 9293, section 3.3.2. */
export const RFC9293_STATES: Readonly<Record<string, string>> = {
  ESTABLISHED: "ESTABLISHED",
  SYN_SENT: "SYN-SENT",
  SYN_RECV: "SYN-RECEIVED",
  FIN_WAIT1: "FIN-WAIT-1",
  FIN_WAIT2: "FIN-WAIT-2",
  TIME_WAIT: "TIME-WAIT",
  CLOSE: "CLOSED",
  CLOSE_WAIT: "CLOSE-WAIT",
  LAST_ACK: "LAST-ACK",
  LISTEN: "LISTEN",
  CLOSING: "CLOSING",
};

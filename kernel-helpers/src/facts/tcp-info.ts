/**
 * What TCP_INFO tells about a TCP socket on Linux. Times are in microseconds unless said otherwise.
 * Fields after `totalRetrans` came with later kernels: they are absent when the kernel or the buffer does not reach them.
 * Source: struct tcp_info in linux/tcp.h, tcp(7).
 */
export interface TcpInfo {
  /** The state in the kernel's words, such as "ESTABLISHED"; a number it has no word for comes as text. */
  readonly state: string;
  /** How many connections wait for accept; only on a listening socket. */
  readonly acceptQueue?: number;
  /** How many connections may wait, as given to listen; only on a listening socket. */
  readonly backlog?: number;
  /** State of congestion control: 0 open, 1 disorder, 2 CWR, 3 recovery, 4 loss. */
  readonly caState: number;
  /** How many retransmissions in a row had no answer. */
  readonly retransmits: number;
  /** How many probes in a row had no answer: of a zero window or of keep-alive. */
  readonly probes: number;
  /** How often the retransmission timer has been doubled. */
  readonly backoff: number;
  /** Bits: 1 timestamps, 2 SACK, 4 window scaling, 8 ECN. */
  readonly options: number;
  /** Retransmission timeout, microseconds. */
  readonly rto: number;
  /** How long an acknowledgement may be delayed, microseconds. */
  readonly ato: number;
  /** Largest segment to send, bytes. */
  readonly sndMss: number;
  /** Largest segment seen, bytes. */
  readonly rcvMss: number;
  /** How many segments are sent and not acknowledged; on a listening socket the accept queue. */
  readonly unacked: number;
  /** How many segments are acknowledged selectively; on a listening socket the backlog. */
  readonly sacked: number;
  /** How many segments are taken to be lost. */
  readonly lost: number;
  /** How many segments were sent again and are not acknowledged yet. */
  readonly retrans: number;
  /** How many segments lay before the highest selective acknowledgement; newer kernels (from 4.15) tell 0. */
  readonly fackets: number;
  /** Milliseconds since data was last sent. */
  readonly lastDataSent: number;
  /** Milliseconds since an acknowledgement was last sent; Linux does not keep it and tells 0. */
  readonly lastAckSent: number;
  /** Milliseconds since data last arrived. */
  readonly lastDataRecv: number;
  /** Milliseconds since an acknowledgement last arrived. */
  readonly lastAckRecv: number;
  /** Path MTU, bytes. */
  readonly pmtu: number;
  /** The largest receive window that is offered now, bytes. */
  readonly rcvSsthresh: number;
  /** Smoothed round-trip time, microseconds. */
  readonly rtt: number;
  /** Variation of the round-trip time, microseconds. */
  readonly rttvar: number;
  /** Slow-start threshold, segments; 2147483647 while it is unlimited. */
  readonly sndSsthresh: number;
  /** Congestion window, segments. */
  readonly sndCwnd: number;
  /** Largest segment this side has asked for, bytes. */
  readonly advmss: number;
  /** By how many segments the order on the path is known to vary. */
  readonly reordering: number;
  /** Round-trip time seen by the receiver, microseconds. */
  readonly rcvRtt: number;
  /** Room for arriving data that the receiver aims at, bytes. */
  readonly rcvSpace: number;
  /** How many segments were sent again over the whole life of the connection. */
  readonly totalRetrans: number;
  /** Bytes a second; Infinity for no limit. */
  readonly pacingRate?: number;
  /** Bytes a second; Infinity for no limit. */
  readonly maxPacingRate?: number;
  /** Bytes sent and acknowledged; SYN and FIN count as one each. */
  readonly bytesAcked?: number;
  /** Bytes received in order. */
  readonly bytesReceived?: number;
  /** How many segments were sent. */
  readonly segsOut?: number;
  /** How many segments were received. */
  readonly segsIn?: number;
  /** Bytes in the send buffer that have not been sent yet. */
  readonly notsentBytes?: number;
  /** Smallest round-trip time seen lately, microseconds. */
  readonly minRtt?: number;
  /** How many segments with data were received. */
  readonly dataSegsIn?: number;
  /** How many segments with data were sent. */
  readonly dataSegsOut?: number;
  /** Bytes a second. */
  readonly deliveryRate?: number;
  /** Time spent with data to send, microseconds. */
  readonly busyTime?: number;
  /** Time spent waiting for the other side's window, microseconds. */
  readonly rwndLimited?: number;
  /** Time spent with a send buffer that was too small, microseconds. */
  readonly sndbufLimited?: number;
  /** How many segments have reached the other side, those sent again included. */
  readonly delivered?: number;
  /** How many of those met congestion on the way (ECN). */
  readonly deliveredCe?: number;
  /** Bytes of data sent, those sent again included. */
  readonly bytesSent?: number;
  /** Bytes of data sent again. */
  readonly bytesRetrans?: number;
  /** How many segments the other side said that it got twice (DSACK). */
  readonly dsackDups?: number;
  /** How often segments were seen to arrive in another order. */
  readonly reordSeen?: number;
  /** How many segments arrived out of order. */
  readonly rcvOoopack?: number;
  /** The other side's receive window, bytes. */
  readonly sndWnd?: number;
}

/** A field of struct tcp_info: its C name, where it begins and how many bytes it has. */
export type TcpInfoField = readonly [cName: string, offset: number, size: 1 | 4 | 8];

/** Where each field lies in Linux's struct tcp_info. */
export const TCP_INFO_FIELDS: Readonly<Record<Exclude<keyof TcpInfo, "acceptQueue" | "backlog">, TcpInfoField>> = {
  state: ["tcpi_state", 0, 1],
  caState: ["tcpi_ca_state", 1, 1],
  retransmits: ["tcpi_retransmits", 2, 1],
  probes: ["tcpi_probes", 3, 1],
  backoff: ["tcpi_backoff", 4, 1],
  options: ["tcpi_options", 5, 1],
  rto: ["tcpi_rto", 8, 4],
  ato: ["tcpi_ato", 12, 4],
  sndMss: ["tcpi_snd_mss", 16, 4],
  rcvMss: ["tcpi_rcv_mss", 20, 4],
  unacked: ["tcpi_unacked", 24, 4],
  sacked: ["tcpi_sacked", 28, 4],
  lost: ["tcpi_lost", 32, 4],
  retrans: ["tcpi_retrans", 36, 4],
  fackets: ["tcpi_fackets", 40, 4],
  lastDataSent: ["tcpi_last_data_sent", 44, 4],
  lastAckSent: ["tcpi_last_ack_sent", 48, 4],
  lastDataRecv: ["tcpi_last_data_recv", 52, 4],
  lastAckRecv: ["tcpi_last_ack_recv", 56, 4],
  pmtu: ["tcpi_pmtu", 60, 4],
  rcvSsthresh: ["tcpi_rcv_ssthresh", 64, 4],
  rtt: ["tcpi_rtt", 68, 4],
  rttvar: ["tcpi_rttvar", 72, 4],
  sndSsthresh: ["tcpi_snd_ssthresh", 76, 4],
  sndCwnd: ["tcpi_snd_cwnd", 80, 4],
  advmss: ["tcpi_advmss", 84, 4],
  reordering: ["tcpi_reordering", 88, 4],
  rcvRtt: ["tcpi_rcv_rtt", 92, 4],
  rcvSpace: ["tcpi_rcv_space", 96, 4],
  totalRetrans: ["tcpi_total_retrans", 100, 4],
  pacingRate: ["tcpi_pacing_rate", 104, 8],
  maxPacingRate: ["tcpi_max_pacing_rate", 112, 8],
  bytesAcked: ["tcpi_bytes_acked", 120, 8],
  bytesReceived: ["tcpi_bytes_received", 128, 8],
  segsOut: ["tcpi_segs_out", 136, 4],
  segsIn: ["tcpi_segs_in", 140, 4],
  notsentBytes: ["tcpi_notsent_bytes", 144, 4],
  minRtt: ["tcpi_min_rtt", 148, 4],
  dataSegsIn: ["tcpi_data_segs_in", 152, 4],
  dataSegsOut: ["tcpi_data_segs_out", 156, 4],
  deliveryRate: ["tcpi_delivery_rate", 160, 8],
  busyTime: ["tcpi_busy_time", 168, 8],
  rwndLimited: ["tcpi_rwnd_limited", 176, 8],
  sndbufLimited: ["tcpi_sndbuf_limited", 184, 8],
  delivered: ["tcpi_delivered", 192, 4],
  deliveredCe: ["tcpi_delivered_ce", 196, 4],
  bytesSent: ["tcpi_bytes_sent", 200, 8],
  bytesRetrans: ["tcpi_bytes_retrans", 208, 8],
  dsackDups: ["tcpi_dsack_dups", 216, 4],
  reordSeen: ["tcpi_reord_seen", 220, 4],
  rcvOoopack: ["tcpi_rcv_ooopack", 224, 4],
  sndWnd: ["tcpi_snd_wnd", 228, 4],
};

/** Bytes that every kernel fills: through tcpi_total_retrans. */
export const TCP_INFO_MINIMUM = 104;
/** Bytes that the table above describes: the buffer to give getsockopt. */
export const TCP_INFO_SIZE = 232;

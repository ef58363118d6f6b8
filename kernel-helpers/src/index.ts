/*
 * The public face: what a notebook imports from "kernel-helpers".
 */
export { hexdump, htonl, htons, ntohl, ntohs, type SocketAddress } from "./bytes";
export * as calls from "./calls/public";
export { BusyError, ClosedError, InterruptedError, SocketError, TimeoutError } from "./errors";
export type { SocketOption, TcpInfo } from "./facts";
export * from "./facts/option-constants";
export * from "./facts/public";
export {
  ANY,
  ANY6,
  attempt,
  choosePort,
  closeAll,
  type Datagram,
  type EndPoint,
  type Handle,
  handles,
  LOOPBACK,
  LOOPBACK6,
  loseDatagrams,
  type SocketOptions,
  socket,
  type Waiting,
} from "./handles";
export { addressBytes, check, inOrder, ladder, panel, plot, sockets, states } from "./notebook";
export type { LadderOptions, PlotSpec } from "./pictures";
export { trace } from "./trace";

/*
 * The public face: what a notebook imports from "kernel-helpers".
 *
 * It names the files themselves: the kernel's compiler reads every declaration that can be reached from here before the first import is
 * done, and through the index files of the floors it would read all of them (measured: 100 files instead of some 45).
 */

export type { ControlMessage, ControlToSend, PacketInfo, QueuedError } from "./bytes/control";
export { htonl, htons, ntohl, ntohs } from "./bytes/order";
export type { SocketAddress } from "./bytes/sockaddr";
export { hexdump } from "./bytes/text";
export * as calls from "./calls/public";
export type { MessageToSend } from "./calls/sendmsg";
export { ClosedError, SocketError } from "./errors/socket-error";
export { BusyError, EndError, InterruptedError, TimeoutError } from "./errors/wait-errors";
export type { SocketOption } from "./facts/option";
export * from "./facts/option-constants";
export * from "./facts/public";
export type { TcpInfo } from "./facts/tcp-info";

import "./handles";

export { ANY, ANY6, type EndPoint, LOOPBACK, LOOPBACK6 } from "./handles/address";
export { attempt } from "./handles/attempt";
export { choosePort } from "./handles/choose-port";
export type { Handle } from "./handles/handle";
export { loseDatagrams } from "./handles/lose-datagrams";
export { loseSegments } from "./handles/lose-segments";
export type { Message } from "./handles/messages";
export { type OtherProcess, otherProcess, type ProcessOptions } from "./handles/other-process/other-process";
export { ProcessError } from "./handles/other-process/process-error";
export type { RemoteHandle } from "./handles/other-process/remote-handle";
export type { Datagram } from "./handles/receiving";
export { closeAll } from "./handles/registry";
export { type SocketOptions, socket } from "./handles/socket";
export { handles } from "./handles/table";
export type { Waiting } from "./handles/waiting";

import "./notebook";

export { check, inOrder } from "./notebook/check";
export { every } from "./notebook/every";
export { ladder } from "./notebook/ladder";
export { type LivePlot, livePlot } from "./notebook/live-plot";
export { panel } from "./notebook/panel";
export { addressBytes, plot, states } from "./notebook/pictures";
export { sockets } from "./notebook/sockets";
export type { PlotSpec } from "./pictures/plot";
export type { LadderOptions } from "./pictures/scene";
export { trace } from "./trace/trace";

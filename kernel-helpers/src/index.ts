/*
 * The public face: what a notebook imports from "kernel-helpers".
 *
 * It names the files themselves: the kernel's compiler reads every declaration that can be reached from here before the first import is
 * done, and through the index files of the floors it would read all of them (measured: 100 files instead of some 45).
 */

export type { ControlMessage, ControlToSend, PacketInfo, QueuedError, RawControl } from "./bytes/control";
export { htonl, htons, ntohl, ntohs } from "./bytes/order";
export type { SocketAddress } from "./bytes/sockaddr";
export { hexdump } from "./bytes/text";
export type { Data } from "./calls/arguments";
export type { EpollEvent } from "./calls/epoll-event";
export type { OptionNumber } from "./calls/getsockopt";
export type { PollEntry } from "./calls/poll";
export * as calls from "./calls/public";
export type { MessageToSend } from "./calls/sendmsg";
export type { Call, CallName, CallRecord, MadeCall, NamedCall } from "./calls/table";
export { ClosedError, type Failure, SocketError } from "./errors/socket-error";
export { BusyError, EndError, InterruptedError, TimeoutError, type WaitError } from "./errors/wait-errors";
export type {
  Credentials,
  Ipv4Membership,
  Ipv6Membership,
  LingerValue,
  OptionInput,
  OptionKind,
  SocketOption,
} from "./facts/option";
export * from "./facts/option-constants";
export * from "./facts/public";
export type { TcpInfo } from "./facts/tcp-info";

import "./handles/start";

export { attempt } from "./handles/attempt";
export { choosePort } from "./handles/choose-port";
export { closeAll } from "./handles/closing";
export { datagrams } from "./handles/datagrams";
export { ANY, ANY6, type EndPoint, LOOPBACK, LOOPBACK6 } from "./handles/end-point";
export type { Handle } from "./handles/handle";
export type { Message } from "./handles/messages";
export type { Datagram } from "./handles/receiving";
export { type SocketOptions, socket } from "./handles/socket";
export type { WaitOptions } from "./handles/wait-options";
export { loseDatagrams } from "./processes/loss/lose-datagrams";
export { loseSegments } from "./processes/loss/lose-segments";
export type { NetworkChoice } from "./processes/network-choice";
export { type OtherProcess, otherProcess, type ProcessOptions } from "./processes/other-process";
export { ProcessError } from "./processes/process-error";
export type { AwaitedMethods, ProcessHandle } from "./processes/process-handle";
export type { ProcessServer } from "./processes/process-server";

export type { ServerState } from "./servers/describe";
export type { OnConversation, ServeOptions } from "./servers/options";
export { serve } from "./servers/serve";
export type { Server } from "./servers/server";

import "./notebook";

export { check, inOrder } from "./notebook/check";
export { every } from "./notebook/every";
export { handles } from "./notebook/handles";
export { ladder } from "./notebook/ladder";
export { type LivePlot, livePlot } from "./notebook/live-plot";
export { panel } from "./notebook/panel";
export { addressBytes, plot, states } from "./notebook/pictures";
export { sockets } from "./notebook/sockets";
export type { LadderOptions } from "./pictures/ladder/options";
export type { Axis, PlotSpec, Sample, Series } from "./pictures/plot/spec";
export type { Mode, Outcome, Step } from "./trace/step";
export { trace } from "./trace/trace";

import "./start";

export { ANY, ANY6, type EndPoint, LOOPBACK, LOOPBACK6 } from "./address";
export { attempt } from "./attempt";
export { choosePort } from "./choose-port";
export type { Handle } from "./handle";
export { loseDatagrams } from "./lose-datagrams";
export { loseSegments } from "./lose-segments";
export { type OtherProcess, otherProcess } from "./other-process/other-process";
export { ProcessError } from "./other-process/process-error";
export type { RemoteHandle } from "./other-process/remote-handle";
export type { Datagram } from "./receiving";
export { closeAll } from "./registry";
export { type SocketOptions, socket } from "./socket";
export type { Waiting } from "./waiting";

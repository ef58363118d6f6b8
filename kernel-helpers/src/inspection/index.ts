export { ephemeralPorts } from "./ephemeral-ports";
export { inodeOf } from "./inode";
export { parseSocketTable, type SocketRow, socketTable } from "./socket-table";
export { tcpInfo, tcpState } from "./tcp-state";

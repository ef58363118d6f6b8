export { ephemeralPorts } from "./ephemeral-ports";
export { describeHolder } from "./holder-words";
export { inodeOf } from "./inode";
export { socketOwners } from "./known-owners";
export { type Owner, ownersOf } from "./owners";
export { conflict, type PortHolder, portHolder, type WantedPort } from "./port-holder";
export { hasEnded } from "./process-state";
export { endText, parseSocketTable, type SocketRow, socketTable } from "./socket-table";
export { tcpInfo, tcpState } from "./tcp-state";

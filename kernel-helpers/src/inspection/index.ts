export { conflict } from "./conflict";
export { Connections, type Ends } from "./connections";
export { ephemeralPorts } from "./ephemeral-ports";
export { describeHolder } from "./holder-words";
export { inodeOf } from "./inode";
export { type NamedEnds, SocketsOfInterest } from "./interest";
export { networkOf } from "./network";
export { socketOwners } from "./owner-cache";
export { type Owner, ownersOf } from "./owners";
export { type PortHolder, portHolder, type WantedPort } from "./port-holder";
export { hasEnded } from "./process-state";
export { isOutOfDescriptors, withSpareDescriptor } from "./reserve";
export { type SharedAddress, sharedAddresses } from "./shared-addresses";
export { type ReadableNetwork, Snapshot } from "./snapshot";
export {
  type End,
  endOf,
  endText,
  parseSocketTable,
  type SocketRow,
  socketTable,
  type Transport,
} from "./socket-table";
export {
  closedHandles,
  forgetHandle,
  type History,
  historyOf,
  noteState,
  observedStates,
  type StateAtTime,
  type TcpHandle,
} from "./state-history";
export {
  type Concerned,
  keepTcpSockets,
  lookAfterSteps,
  lookNow,
  type OpenTcpSocket,
  stateOf,
  stepsAreLookedAt,
  type TcpSockets,
  tellStates,
  whileLooking,
} from "./state-looks";
export { SystemFiles } from "./system-files";
export { tcpInfo, tcpState } from "./tcp-state";
export { pathIsListed } from "./unix-paths";

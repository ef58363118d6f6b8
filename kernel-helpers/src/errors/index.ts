export { adviceFor } from "./advice";
export { block, indented, LANE_WIDTH, lane, markExplained } from "./show";
export { ClosedError, type Failure, SocketError } from "./socket-error";
export { BusyError, InterruptedError, ThreadError, TimeoutError } from "./wait-errors";

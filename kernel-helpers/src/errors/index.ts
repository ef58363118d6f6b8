export { adviceFor } from "./advice";
export type { KnownSocket } from "./circumstances";
export { block, folded, indented, LANE_WIDTH, lane, markExplained, WIDTH } from "./show";
export { ClosedError, type Failure, SocketError } from "./socket-error";
export { BusyError, EndError, InterruptedError, ThreadError, TimeoutError } from "./wait-errors";

export { fromSteps } from "./from-steps";
export { ladder } from "./ladder";
export { asImage, type Picture } from "./picture";
export type { Drops, LadderOptions, LadderScene, LadderStep, StateAt } from "./scene";
export { type HtmlTable, type SocketTableRow, socketTable } from "./socket-table";
export { statesDiagram } from "./states-diagram";

export { addressPicture } from "./address/bytes";
export { escapeText } from "./clean";
export { ladderPicture } from "./ladder/ladder";
export type { LadderOptions } from "./ladder/options";
export type { LadderScene, StateAt } from "./ladder/scene";
export { asFigure, asImage, asText, asThemedImage, type Picture } from "./picture";
export type { Axis, PlotSpec, Sample, Series } from "./plot/spec";
export { statesDiagram } from "./states/diagram";
export { type HtmlTable, type SocketTableRow, tableOfSockets } from "./table/sockets";

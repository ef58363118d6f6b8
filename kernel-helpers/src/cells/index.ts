export { afresh } from "./afresh";
export { type Cell, cellRun, currentCell, insideKernel, startedBy, within } from "./cell";
export { processWide } from "./process-wide";
export { inSilence, isSilent } from "./silence";

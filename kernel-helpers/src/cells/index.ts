export { type Cell, cellRun, currentCell, insideKernel, isForeground, startedBy } from "./cell";
export { processWide } from "./process-wide";
export { inSilence, isSilent } from "./silence";

export { afresh } from "./afresh";
export { type Cell, cellRun, currentCell, insideKernel, isForeground, startedBy, within } from "./cell";
export { processWide } from "./process-wide";
export { inSilence, isSilent } from "./silence";
export { sections, whole } from "./whole";

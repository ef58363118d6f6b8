import { startRecording } from "./recorder";

export { print, printLine } from "./print";
export { CALLS_OF_STEP, FIRST_CALLS_OF_STEP, keepNothing } from "./record";
export {
  Backstage,
  beginStep,
  cancelStep,
  during,
  endStep,
  NO_HANDLE,
  noteCall,
  onStep,
  resultOf,
  say,
  stepWaits,
  watchNumbers,
  watchSteps,
} from "./recorder";
export { callLine, exactLine, shortLine } from "./short";
export { type Mode, type Outcome, ownCall, type Step } from "./step";
export { trace } from "./trace";

startRecording();

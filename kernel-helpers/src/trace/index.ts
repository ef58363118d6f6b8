import { startRecording } from "./recorder";

export { CALLS_OF_STEP, FIRST_CALLS_OF_STEP, resultOf, STEPS_KEPT, steps } from "./kept-steps";
export { print, printLine } from "./print";
export { keepNothing } from "./record";
export {
  Backstage,
  beginStep,
  cancelStep,
  during,
  endStep,
  NO_HANDLE,
  noteCall,
  onStep,
  say,
  stepWaits,
  watchNumbers,
  watchSteps,
} from "./recorder";
export { callLine, exactLine, shortLine } from "./short";
export { type Mode, type Outcome, ownCall, type Step } from "./step";
export { trace } from "./trace";

startRecording();

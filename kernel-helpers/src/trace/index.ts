import { startRecording } from "./recorder";

export { exactAddress, exactLine, exactText } from "./exact";
export { print, printLine } from "./print";
export {
  Backstage,
  beginStep,
  cancelStep,
  during,
  endStep,
  noteCall,
  onStep,
  say,
  stepWaits,
  watchSteps,
} from "./recorder";
export { callLine, shortLine } from "./short";
export { type Mode, type Outcome, ownCall, type Step } from "./step";
export { trace } from "./trace";

startRecording();

export { cellRun, currentCell, insideKernel, startedBy } from "./host";
export { listenForInterrupts } from "./interrupt";
export { interruptible } from "./interruptible";
export { Reactor, reactor } from "./reactor";
export { type Attempt, Registration, type WaitOptions, WOULD_BLOCK } from "./registration";
export { Wait } from "./wait";

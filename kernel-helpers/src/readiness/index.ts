export { onAbort } from "./aborting";
export { clockOrigin } from "./clock";
export { listenForInterrupts } from "./interrupt";
export { interruptible } from "./interruptible";
export type { Direction } from "./poller";
export { Reactor, reactor } from "./reactor";
export { type Attempt, INTERRUPTED, Registration, type WaitTerms, WOULD_BLOCK } from "./registration";
export { Wait } from "./wait";

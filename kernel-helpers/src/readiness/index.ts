export { onAbort } from "./aborting";
export { clockOrigin } from "./clock";
export { UsualDeadline } from "./deadline";
export { listenForInterrupts } from "./interrupt";
export { interruptible } from "./interruptible";
export type { Direction } from "./poller";
export { Reactor, reactor } from "./reactor";
export { type Attempt, Expired, INTERRUPTED, Registration, type WaitTerms, WOULD_BLOCK } from "./registration";
export { Wait } from "./wait";

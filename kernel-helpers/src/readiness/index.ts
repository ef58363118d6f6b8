export { onAbort } from "./aborting";
export { listenForInterrupts } from "./interrupt";
export { interruptible } from "./interruptible";
export type { Direction } from "./poller";
export { Reactor, reactor } from "./reactor";
export { type Attempt, Registration, type WaitOptions, WOULD_BLOCK } from "./registration";
export { Wait } from "./wait";

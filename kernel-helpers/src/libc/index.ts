export { type MadeCall, type NamedCall, type Observer, observeCalls, returned, starting, withContext } from "./funnel";
export { addressOf, declare, declared, declareWithStruct, lastErrno, type Pointer } from "./library";

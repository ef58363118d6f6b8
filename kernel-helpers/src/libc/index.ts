export { type Call, type CallName, type CallRecord, type PollEntry, PREVIEW, preview } from "./call";
export { describeAddress, describeCall } from "./describe";
export { check, failureOf } from "./failure";
export { type Observer, observeCalls, perform, withContext } from "./funnel";
export { processWide } from "./process-wide";
export { FILTER_PROGRAM_SIZE, type Libc, lastErrno, libc } from "./prototypes";

import type { Shown } from "../calls/description";
import type { CallName, CallRecord } from "../calls/table";
import type { Step } from "../trace/step";
import type { ConversationStep } from "./evidence";

/** What is to be known of the calls themselves: see `calls/`. It is given, so that nothing here loads libc. */
export interface KnowsCalls {
  /** What the call is in a conversation, and what is shown of it; of its result when it has succeeded. */
  shownOf(call: CallRecord["call"], result: number | undefined): Shown;
  /** Whether the call takes effect when it is made first. */
  actsAtOnce(name: CallName): boolean;
}

/** The recorder's name for calls on plain numbers: each descriptor that no handle has gets a lane of its own. */
const NO_HANDLE = "calls";
/** A connect that waited for longer than this, in milliseconds, has visibly waited: over loopback it takes a fraction of it. */
const CONNECT_WAIT = 10;

/** Steps that have ended change no more: what was read from them once is kept as long as they are. */
const kept = new WeakMap<Step, ConversationStep>();

/** The steps of the trace as a conversation takes them. What helpers did beyond the learner's calls is left out. */
export function fromSteps(steps: readonly Step[], calls: KnowsCalls): ConversationStep[] {
  const holders: Holders = new Map();
  return steps.map((step) => {
    const read = kept.get(step) ?? fromStep(step, calls, holders);
    if (step.outcome !== undefined) kept.set(step, read);
    follow(holders, read);
    return read;
  });
}

/** Which handle has a descriptor, so far: a call on the number of a handle's socket is a call on that socket. */
type Holders = Map<string, string>;

function keyOf(pid: number | undefined, fd: number): string {
  return `${pid ?? ""} ${fd}`;
}

function follow(holders: Holders, { handle, pid, fd, means, result, opened, error, ended }: ConversationStep): void {
  const succeeded = result !== undefined && result >= 0 && error === undefined && ended === undefined;
  if (means === "opens") {
    if (succeeded) holders.set(keyOf(pid, result), handle);
  } else if (fd !== undefined && succeeded && means === "closes") holders.delete(keyOf(pid, fd));
  else if (fd !== undefined && error !== "EBADF" && error !== "ENOTSOCK") holders.set(keyOf(pid, fd), handle);
  if (succeeded && opened !== undefined && (means === "accepts" || means === "duplicates"))
    holders.set(keyOf(pid, result), opened);
}

function fromStep(step: Step, calls: KnowsCalls, holders: Holders): ConversationStep {
  const { name, outcome } = step;
  const record = step.calls.findLast(({ call }) => call.name === name);
  const atOnce = calls.actsAtOnce(name);
  const waitedFor = lengthOfWait(step);
  const waited = step.waitedFrom !== undefined || (atOnce && waitedFor >= CONNECT_WAIT);
  const result = outcome !== undefined && "result" in outcome ? outcome.result : undefined;
  const shown: Shown = record === undefined ? {} : calls.shownOf(record.call, result);
  const { pair, ...more } = shown;
  const fd = shown.fd ?? (record !== undefined && "fd" in record.call ? record.call.fd : undefined);
  const alone = step.handle === NO_HANDLE;
  const begins = shown.means === "opens" || shown.means === "pairs";
  const holderOf = (number: number) => (begins ? undefined : holders.get(keyOf(step.pid, number)));
  return defined({
    ...more,
    handle: alone && fd !== undefined ? (holderOf(fd) ?? laneOf(fd)) : step.handle,
    pid: step.pid,
    fd,
    cell: step.cell,
    call: name,
    start: waited ? step.start : tookEffect(step, record, atOnce),
    end: step.end,
    waited: waited || undefined,
    waitedFor: waited && step.end !== undefined ? waitedFor : undefined,
    actsAtOnce: atOnce || undefined,
    result,
    error: outcome !== undefined && "error" in outcome ? outcome.error : undefined,
    ended: outcome !== undefined && "ended" in outcome ? outcome.ended : undefined,
    local: step.local,
    peer: step.peer,
    opened: step.opened ?? (alone ? openedBy(shown, result) : undefined),
  });
}

/** From the call's answer that it would have to wait to the system's that it need not any longer. */
function lengthOfWait({ calls, name, start, waitedFrom, readyAt, end = start }: Step): number {
  const from = waitedFrom ?? calls.find(({ call }) => call.name === name)?.end ?? start;
  return Math.max(0, Math.min(readyAt ?? end, end) - from);
}

/** The lane of a socket that has no handle. */
function laneOf(fd: number): string {
  return `fd ${fd}`;
}

function openedBy({ means, pair }: Shown, result: number | undefined): string | undefined {
  if (result === undefined) return undefined;
  if (means === "pairs") return pair === undefined ? undefined : laneOf(pair[1]);
  return means === "accepts" || means === "duplicates" ? laneOf(result) : undefined;
}

/**
 * What a call that did not wait did, it did when the last system call of its step was made; but a connect at the first one, which starts
 * the handshake: another process can have accepted it, and received from it, before the second one tells that it succeeded.
 */
function tookEffect(step: Step, record: CallRecord | undefined, atOnce: boolean): number {
  const made = atOnce ? step.calls.find(({ call }) => call.name === step.name) : record;
  return made?.start ?? step.start;
}

/** Without the fields that are undefined, so that a scene can go through JSON and come back the same. */
function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}

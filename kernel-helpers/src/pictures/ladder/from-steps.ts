import type { Step } from "../../trace";
import type { LadderStep } from "./scene";

type CallRecord = Step["calls"][number];
type Call = CallRecord["call"];
type CallName = Call["name"];

/** What is to be known of the calls themselves, which the pictures do not know: see `calls/`. */
export interface KnowsCalls {
  /** What the ladder shows of a call, and of its result when it has succeeded. */
  shownOf(call: Call, result: number | undefined): Partial<LadderStep> | object;
  /** Whether the result is a new socket. */
  opensSocket(name: CallName): boolean;
  /** Whether the call takes effect when it is made first. */
  actsAtOnce(name: CallName): boolean;
}

/** The recorder's name for calls on plain numbers, which belong to no handle: each descriptor gets a lane of its own. */
const NO_HANDLE = "calls";
/** A connect that took longer than this, in milliseconds, has visibly waited: over loopback it takes a fraction of it. */
const CONNECT_WAIT = 10;

/** Steps that have ended change no more: what was read from them once is kept as long as they are. */
const known = new WeakMap<Step, LadderStep>();

/** The steps of the trace as the ladder takes them. What helpers did beyond the learner's calls is left out. */
export function fromSteps(steps: readonly Step[], calls: KnowsCalls): LadderStep[] {
  const list: LadderStep[] = [];
  for (const step of steps) {
    const cached = known.get(step);
    if (cached !== undefined) {
      list.push(cached);
      continue;
    }
    const read = fromStep(step, calls);
    if (step.outcome !== undefined) known.set(step, read);
    list.push(read);
  }
  return list;
}

function fromStep(step: Step, calls: KnowsCalls): LadderStep {
  const { name, outcome } = step;
  const record = step.calls.findLast(({ call }) => call.name === name);
  const atOnce = calls.actsAtOnce(name);
  const waited = step.waitedFrom !== undefined || (atOnce && (step.end ?? step.start) - step.start >= CONNECT_WAIT);
  const result = outcome !== undefined && "result" in outcome ? outcome.result : undefined;
  const shown: Partial<LadderStep> = record === undefined ? {} : calls.shownOf(record.call, result);
  const fd = shown.fd ?? (record !== undefined && "fd" in record.call ? record.call.fd : undefined);
  const alone = step.handle === NO_HANDLE;
  const isNew = alone && calls.opensSocket(name) && result !== undefined && result !== fd;
  return defined({
    ...shown,
    handle: alone && fd !== undefined ? `fd ${fd}` : step.handle,
    pid: step.pid,
    fd,
    cell: step.cell,
    call: name,
    start: waited ? step.start : tookEffect(step, record, atOnce),
    end: step.end,
    waited: waited || undefined,
    result,
    error: outcome !== undefined && "error" in outcome ? outcome.error : undefined,
    ended: outcome !== undefined && "ended" in outcome ? outcome.ended : undefined,
    local: step.local,
    peer: step.peer,
    opened: step.opened ?? (isNew ? `fd ${result}` : undefined),
  });
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

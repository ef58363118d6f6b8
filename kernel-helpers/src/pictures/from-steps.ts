import { decodeSockaddr, formatSockaddr, optionValueText } from "../bytes";
import { constants, flagNames, nameOf, optionByNumber, protocolName } from "../facts";
import type { Step } from "../trace";
import type { LadderStep } from "./scene";

type CallRecord = Step["calls"][number];
type Call = CallRecord["call"];

/** The recorder's name for calls on plain numbers, which belong to no handle: each descriptor gets a lane of its own. */
const NO_HANDLE = "calls";
/** A connect that took longer than this, in milliseconds, has visibly waited: over loopback it takes a fraction of it. */
const CONNECT_WAIT = 10;
/** Flags that the workshop adds to every call by itself. */
const OWN_TYPE_FLAGS = constants.SOCK_CLOEXEC | constants.SOCK_NONBLOCK;
const OWN_MESSAGE_FLAGS = constants.MSG_NOSIGNAL;

/** Steps that have ended change no more: what was read from them once is kept as long as they are. */
const known = new WeakMap<Step, LadderStep>();

/** The steps of the trace as the ladder takes them. What helpers did beyond the learner's calls is left out. */
export function fromSteps(steps: readonly Step[]): LadderStep[] {
  const list: LadderStep[] = [];
  for (const step of steps) {
    if (step.name === undefined) continue;
    const cached = known.get(step);
    if (cached !== undefined) {
      list.push(cached);
      continue;
    }
    const read = fromStep(step);
    if (step.outcome !== undefined) known.set(step, read);
    list.push(read);
  }
  return list;
}

function fromStep(step: Step): LadderStep {
  const record = step.calls.findLast(({ call }) => call.name === step.name);
  const waited =
    step.waitedFrom !== undefined || (step.name === "connect" && (step.end ?? step.start) - step.start >= CONNECT_WAIT);
  const { outcome } = step;
  const result = outcome !== undefined && "result" in outcome ? outcome.result : undefined;
  const fd = record === undefined ? undefined : fdOf(record);
  return defined({
    handle: step.handle === NO_HANDLE && fd !== undefined ? `fd ${fd}` : step.handle,
    pid: step.pid,
    fd,
    cell: step.cell,
    call: step.name!,
    start: waited ? step.start : tookEffect(step, record),
    end: step.end,
    waited: waited || undefined,
    result,
    error: outcome !== undefined && "error" in outcome ? outcome.error : undefined,
    ended: outcome !== undefined && "ended" in outcome ? outcome.ended : undefined,
    local: step.local,
    peer: step.peer,
    opened:
      step.opened ??
      (step.handle === NO_HANDLE && step.name === "accept" && result !== undefined ? `fd ${result}` : undefined),
    ...(record === undefined ? {} : argumentsOf(record.call, result)),
  });
}

/**
 * What a call that did not wait did, it did when the last system call of its step was made; but a connect at the first one, which starts
 * the handshake: another process can have accepted it, and received from it, before the second one tells that it succeeded.
 */
function tookEffect(step: Step, record: CallRecord | undefined): number {
  const made = step.name === "connect" ? step.calls.find(({ call }) => call.name === "connect") : record;
  return made?.start ?? step.start;
}

/** Without the fields that are undefined, so that a scene can go through JSON and come back the same. */
function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}

function fdOf({ call, result }: CallRecord): number | undefined {
  if (call.name === "socket") return result >= 0 ? result : undefined;
  return "fd" in call ? call.fd : undefined;
}

function text(bytes: Uint8Array | undefined, length = bytes?.byteLength): string | undefined {
  const address = bytes === undefined ? undefined : decodeSockaddr(bytes, length);
  return address === undefined ? undefined : formatSockaddr(address);
}

/** Numbers, which JSON keeps; it makes an object without a length of a Uint8Array. */
function plain(bytes: Uint8Array): number[] {
  return Array.from(bytes);
}

function messageFlags(flags: number): string | undefined {
  const chosen = flags & ~OWN_MESSAGE_FLAGS;
  return chosen === 0 ? undefined : flagNames("msg", chosen);
}

function argumentsOf(call: Call, result: number | undefined): Partial<LadderStep> {
  switch (call.name) {
    case "socket": {
      const protocol = call.protocol === 0 ? [] : [protocolName(call.family, call.protocol)];
      const type = call.type & ~OWN_TYPE_FLAGS;
      return {
        detail: [nameOf("family", call.family), nameOf("type", type), ...protocol].join(" "),
        kind: type === constants.SOCK_STREAM ? "stream" : type === constants.SOCK_DGRAM ? "datagram" : undefined,
      };
    }
    case "bind":
    case "connect":
      return { address: text(call.address) };
    case "listen":
      return { detail: `${call.backlog}` };
    case "accept":
      return { address: text(call.from, call.fromLength) };
    case "send":
      return { data: plain(call.data), asked: call.length, detail: messageFlags(call.flags) };
    case "sendto":
      return {
        data: plain(call.data),
        asked: call.length,
        detail: messageFlags(call.flags),
        address: text(call.address),
      };
    case "recv":
    case "recvfrom":
      return {
        data: result === undefined || call.data === undefined ? undefined : plain(call.data),
        asked: call.length,
        detail: messageFlags(call.flags),
        peek: (call.flags & constants.MSG_PEEK) !== 0 || undefined,
        address: call.name === "recvfrom" ? text(call.from, call.fromLength) : undefined,
      };
    case "shutdown":
      return { detail: nameOf("how", call.how) };
    case "getsockname":
    case "getpeername":
      return { address: text(call.address, call.addressLength) };
    case "getsockopt":
      return { detail: optionText(call) };
    case "setsockopt":
      return { detail: `${optionText(call)} ${optionValueText(call.level, call.option, call.value) ?? ""}`.trimEnd() };
    default:
      return {};
  }
}

function optionText({ level, option }: { level: number; option: number }): string {
  return optionByNumber(level, option)?.name ?? `${level} ${option}`;
}

import { decodeSockaddr, formatSockaddr, optionValueText } from "../bytes";
import { lane, WIDTH } from "../errors";
import { errnoText } from "../facts";
import { type CallRecord, describeCall } from "../libc";
import { type Outcome, ownCall, type Step } from "./step";

/** The column in which the name of a new handle stands, where the line leaves room for it. */
const NAME_COLUMN = 52;

function resultText(outcome: Outcome): string {
  if ("result" in outcome) return ` = ${outcome.result}`;
  if ("error" in outcome) {
    return ` = -1 ${outcome.error} (${errnoText(outcome.error)})`;
  }
  return outcome.ended === "closed" ? " ended: the handle was closed" : ` ended: ${outcome.ended}`;
}

/** ` ← 127.0.0.1:45230`, for the calls that tell who is at the other end. */
function senderText({ call }: CallRecord): string {
  if (call.name !== "accept" && call.name !== "recvfrom") return "";
  const from = call.from === undefined ? undefined : decodeSockaddr(call.from, call.fromLength ?? 0);
  return from === undefined ? "" : `  ← ${formatSockaddr(from)}`;
}

/** What getsockname, getpeername and getsockopt found. */
function answerText({ call }: CallRecord): string {
  if (call.name === "getsockopt") {
    const value = call.value === undefined ? undefined : optionValueText(call.level, call.option, call.value);
    return value === undefined ? "" : `  → ${value}`;
  }
  if (call.name !== "getsockname" && call.name !== "getpeername") return "";
  const address = call.address === undefined ? undefined : decodeSockaddr(call.address, call.addressLength ?? 0);
  return address === undefined ? "" : `  → ${formatSockaddr(address)}`;
}

/** One line for one call: `server        listen(21, 5) = 0`. */
export function callLine(handle: string, record: CallRecord, outcome: Outcome): string {
  const told = "result" in outcome ? senderText(record) + answerText(record) : "";
  return lane(handle) + describeCall(record.call, record.result) + resultText(outcome) + told;
}

/** The line of a step that has ended. */
export function shortLine(step: Step): string {
  const record = ownCall(step);
  if (step.outcome === undefined) return `${lane(step.handle)}${step.name}`;
  // A wait behind another one can end before its call was ever made.
  if (record === undefined) return `${lane(step.handle)}${step.name}(${step.fd ?? ""})${resultText(step.outcome)}`;
  const line = callLine(step.handle, record, step.outcome);
  if (step.opened === undefined) return line;
  const name = `"${step.opened}"`;
  const gap = Math.max(2, Math.min(NAME_COLUMN - [...line].length, WIDTH - [...line].length - [...name].length));
  return line + " ".repeat(gap) + name;
}

/** The line of a step that has to wait: `server        accept(21) waits for a client`. */
export function waitLine(step: Step, what: string): string {
  const record = ownCall(step);
  const call = record === undefined ? `${step.name}(${step.fd ?? ""})` : describeCall(record.call);
  return `${lane(step.handle)}${call} ${what}`;
}

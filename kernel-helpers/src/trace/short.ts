import { type CallRecord, exactText, shortText, toldText } from "../calls/table";
import { lane, WIDTH } from "../errors";
import { errnoText } from "../facts";
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

/** One line for one call: `server        listen(21, 5) = 0`. */
export function callLine(handle: string, { call, result }: CallRecord, outcome: Outcome): string {
  const told = "result" in outcome ? toldText(call) : "";
  return lane(handle) + shortText(call, result) + resultText(outcome) + told;
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
  const call = record === undefined ? `${step.name}(${step.fd ?? ""})` : shortText(record.call);
  return `${lane(step.handle)}${call} ${what}`;
}

/** The line of one system call in strace's words, in the lane of its handle. */
export function exactLine(handle: string, record: CallRecord): string {
  return lane(handle) + exactText(record);
}

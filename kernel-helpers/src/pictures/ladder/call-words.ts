import type { ConversationStep } from "../../conversation";
import { duration } from "../duration";
import { type LadderCall, waits } from "./lanes";
import { quotedPayload } from "./payload";

/** A call that has an end of its own has two places in the picture. */
export type Phase = "begin" | "end" | "whole";

const receives = ({ means }: ConversationStep): boolean => means === "receives";

function nameOf(step: ConversationStep): string {
  // A full buffer is worth telling: there may be more in the queue.
  const full = receives(step) && step.asked !== undefined && step.result === step.asked;
  return full || (step.asked === 0 && receives(step)) ? `${step.call}(${step.asked})` : step.call;
}

function given(step: ConversationStep): string[] {
  const pieces = step.detail === undefined || step.detail === "" ? [] : step.detail.split(" ");
  if (step.peek === true && !pieces.includes("MSG_PEEK")) pieces.push("MSG_PEEK");
  const payload = step.result === undefined && receives(step) ? undefined : quotedPayload(step);
  if (payload !== undefined && !(receives(step) && step.result === 0)) pieces.push(payload);
  if (step.address !== undefined && step.told === undefined) pieces.push(step.address);
  return pieces;
}

function outcome(step: ConversationStep): string[] {
  if (step.processEnd === true) return [];
  if (step.error !== undefined) return [`= -1 ${step.error}`];
  if (step.ended !== undefined) return [step.ended === "timeout" ? "gave up: timeout" : `ended: ${step.ended}`];
  if (step.result === undefined) return [];
  const pieces = [`= ${step.result}`];
  if (step.asked !== undefined && !receives(step) && step.result < step.asked) pieces.push(`of ${step.asked}`);
  if (step.told !== undefined && step.address !== undefined) pieces.push(`${step.told} ${step.address}`);
  if (step.means === "binds" && step.address?.endsWith(":0") && step.local !== undefined)
    pieces.push(`→ ${step.local}`);
  return pieces;
}

function isEnd({ step, life }: LadderCall): boolean {
  return receives(step) && step.result === 0 && step.asked !== 0 && life?.kind !== "datagram";
}

/** The call in pieces that belong together: `bind`, `127.0.0.1:80`, `= 0`. */
export function callPieces(call: LadderCall, phase: Phase): string[] {
  const { step } = call;
  if (phase === "begin") {
    const unknown: ConversationStep = { ...step, result: undefined, error: undefined, ended: undefined };
    return [nameOf(unknown), ...given(receives(step) ? { ...unknown, data: undefined } : unknown), "waits"];
  }
  return [nameOf(step), ...given(step), ...outcome(step), ...(isEnd(call) ? ["end of stream"] : [])];
}

/** "waited 52 ms", for the end of a wait. */
export function waitText(call: LadderCall): string | undefined {
  const { step } = call;
  if (!waits(call) || step.end === undefined) return undefined;
  return `waited ${duration(step.waitedFor ?? step.end - step.start)}`;
}

/** "accept still waits, 3.2 s so far". */
export function stillWaits({ step }: LadderCall, now: number | undefined): string[] {
  const so = now === undefined ? [] : [`${duration(now - step.start)} so far`];
  return [step.call, "still waits", ...so];
}

export function failed({ step }: LadderCall): boolean {
  return step.error !== undefined || step.ended !== undefined;
}

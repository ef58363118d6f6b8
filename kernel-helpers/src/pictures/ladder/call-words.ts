import { duration } from "../duration";
import { type LadderCall, waits } from "./lanes";
import { quotedPayload } from "./payload";
import { isProcessEnd } from "./process-ends";
import type { LadderStep } from "./scene";

/** A call that has an end of its own has two places in the picture. */
export type Phase = "begin" | "end" | "whole";

const RECEIVES = new Set(["recv", "recvfrom"]);
/** The calls that are told an address by the system; to the others it is given. */
const TOLD: Readonly<Record<string, string>> = { accept: "←", recvfrom: "←", getsockname: "→", getpeername: "→" };

function nameOf(step: LadderStep): string {
  // A full buffer is worth telling: there may be more in the queue.
  const full = RECEIVES.has(step.call) && step.asked !== undefined && step.result === step.asked;
  return full || (step.asked === 0 && RECEIVES.has(step.call)) ? `${step.call}(${step.asked})` : step.call;
}

function given(step: LadderStep): string[] {
  const pieces = step.detail === undefined || step.detail === "" ? [] : step.detail.split(" ");
  if (step.peek === true && !pieces.includes("MSG_PEEK")) pieces.push("MSG_PEEK");
  const payload = step.result === undefined && RECEIVES.has(step.call) ? undefined : quotedPayload(step);
  if (payload !== undefined && !(RECEIVES.has(step.call) && step.result === 0)) pieces.push(payload);
  if (step.address !== undefined && TOLD[step.call] === undefined) pieces.push(step.address);
  return pieces;
}

function outcome(step: LadderStep): string[] {
  if (isProcessEnd(step)) return [];
  if (step.error !== undefined) return [`= -1 ${step.error}`];
  if (step.ended !== undefined) return [step.ended === "timeout" ? "gave up: timeout" : `ended: ${step.ended}`];
  if (step.result === undefined) return [];
  const pieces = [`= ${step.result}`];
  if (step.asked !== undefined && !RECEIVES.has(step.call) && step.result < step.asked) pieces.push(`of ${step.asked}`);
  const arrow = TOLD[step.call];
  if (arrow !== undefined && step.address !== undefined) pieces.push(`${arrow} ${step.address}`);
  if (step.call === "bind" && step.address?.endsWith(":0") && step.local !== undefined) pieces.push(`→ ${step.local}`);
  return pieces;
}

function isEnd({ step, life }: LadderCall): boolean {
  return RECEIVES.has(step.call) && step.result === 0 && step.asked !== 0 && life?.kind !== "datagram";
}

/** The call in pieces that belong together: `bind`, `127.0.0.1:80`, `= 0`. */
export function callPieces(call: LadderCall, phase: Phase): string[] {
  const { step } = call;
  if (phase === "begin") {
    const unknown: LadderStep = { ...step, result: undefined, error: undefined, ended: undefined };
    return [nameOf(unknown), ...given(RECEIVES.has(step.call) ? { ...unknown, data: undefined } : unknown), "waits"];
  }
  return [nameOf(step), ...given(step), ...outcome(step), ...(isEnd(call) ? ["end of stream"] : [])];
}

/** "waited 52 ms", for the end of a wait. */
export function waitText(call: LadderCall): string | undefined {
  const { step } = call;
  return waits(call) && step.end !== undefined ? `waited ${duration(step.end - step.start)}` : undefined;
}

/** "accept still waits, 3.2 s so far". */
export function stillWaits({ step }: LadderCall, now: number | undefined): string[] {
  const so = now === undefined ? [] : [`${duration(now - step.start)} so far`];
  return [step.call, "still waits", ...so];
}

export function failed({ step }: LadderCall): boolean {
  return step.error !== undefined || step.ended !== undefined;
}

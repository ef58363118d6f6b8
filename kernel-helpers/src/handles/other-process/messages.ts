import type { CallRecord } from "../../calls/table";
import type { Outcome, Step } from "../../trace/step";
import type { CellPlace } from "../again";

/*
 * What the notebook and its other process say to each other, over the pipe that Node opens between a process and its child. Messages
 * arrive in the order in which they were sent: what a call shows has arrived when its answer does.
 */

/** What is no method of a handle, but takes one as its first argument. */
export type HelperName = "loseDatagrams" | "loseSegments";

/** Makes a call: on a handle, or (without one) `socket` on the process. */
export interface CallRequest {
  ask: "call";
  id: number;
  handle: number | undefined;
  method: string;
  args: unknown[];
  /** The cell that the call stands in. */
  cell: CellPlace | undefined;
  /** Whether it prints nothing. */
  silent: boolean;
}

/**
 * To the other process. `awaited`: the learner awaits these calls, so their deadlines begin. `cancel`: it is to wait no longer. `watch`: it is
 * to look at its TCP states after every step from now on; `look`: to look now.
 */
export type Request =
  | CallRequest
  | { ask: "awaited"; ids: number[] }
  | { ask: "cancel"; id: number }
  | { ask: "watch" | "look" | "stop" };

/** A handle as it is in the other process. */
export interface HandleFacts {
  /** Counts the handles of that process. */
  readonly id: number;
  readonly name: string;
  readonly family: number;
  readonly type: number;
  fd: number;
  closed: boolean;
  /** The addresses as text, where they are known. */
  local: string | undefined;
  peer: string | undefined;
  /** For one that was accepted: the handle that it was accepted on. */
  readonly listener?: { readonly local: string | undefined };
}

/** A step without its calls. */
export type StepHead = Pick<Step, "id" | "handle" | "name" | "fd" | "silent" | "start" | "local" | "peer" | "opened">;

/** An error, taken apart: see pack-error.ts. */
export type PackedError = { kind: string } & Record<string, unknown>;

export type Answer = { value: unknown } | { handle: HandleFacts } | { error: PackedError } | { cancelled: true };

/** From the other process. Times are on its own clock. */
export type Report =
  | { tell: "ready"; clock: number; network: string | undefined }
  | { tell: "called"; step: StepHead; record: CallRecord }
  | { tell: "backstage"; handle: string; printed: boolean; record: CallRecord }
  | { tell: "waits"; step: StepHead; what: string; from: number }
  | { tell: "ended"; step: StepHead; outcome: Outcome; at: number; facts: HandleFacts | undefined }
  | { tell: "said"; sentence: string; silent: boolean }
  | { tell: "state"; facts: HandleFacts; inode: number | undefined; state: string; at: number }
  | { tell: "stopping" }
  | { tell: "answer"; id: number; answer: Answer };

/** Where the argument with `timeout` stands in the calls that may wait. */
export const OPTIONS_AT: Readonly<Record<string, number>> = {
  accept: 0,
  connect: 2,
  send: 2,
  sendAll: 1,
  recv: 2,
  sendto: 3,
  recvfrom: 2,
  recvExactly: 1,
  sendmsg: 2,
  recvmsg: 2,
};

/**
 * When this process's `performance.now()` was 0, in milliseconds on the clock that all processes of the machine share. (The difference
 * of two `performance.timeOrigin` would be wrong after the machine's date was set, or after it had slept.)
 */
export function clockOrigin(): number {
  // No two clocks are read at once: a busy machine can do something else for milliseconds between the two. The later origin is the truer one.
  let origin = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < 10; i++) origin = Math.max(origin, Number(process.hrtime.bigint()) / 1e6 - performance.now());
  return origin;
}

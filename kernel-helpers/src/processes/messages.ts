import type { CallRecord } from "../calls/table";
import type { CellPlace } from "../handles/earlier-calls";
import type { SocketFile } from "../handles/socket-file";
import type { ServerState } from "../servers/describe";
import type { Outcome, Step } from "../trace/step";

/*
 * What the notebook and its other process say to each other, over the pipe that Node opens between a process and its child. Messages
 * arrive in the order in which they were sent: what a call shows has arrived when its answer does.
 */

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
  /** The number of the run of a cell that has asked for it. */
  run: number;
}

/**
 * To the other process. `cancel`: it is to wait no longer, because the cell was interrupted, or because the usual deadline has passed after so
 * many milliseconds, or else. `watch`: it is to look at its TCP states after every step from now on; `look`: to look now.
 */
export type Request =
  | CallRequest
  | { ask: "cancel"; id: number; why: CancelReason }
  | { ask: "watch" | "look" | "stop" };

export type CancelReason = "interrupted" | { passed: number; alone: boolean } | undefined;

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
  /** The file that bind() has made, of a Unix-domain socket. */
  file: SocketFile | undefined;
  /** For one that listens: how many connections may wait, as the system has told. */
  backlog?: number | undefined;
  /** SO_RCVTIMEO or SO_SNDTIMEO, the longer one, in milliseconds; 0 when none is set. */
  longestTimeout: number;
  /** For one that was accepted: the handle that it was accepted on. */
  readonly listener?: { readonly local: string | undefined };
}

/** A server as it is in the other process. */
export interface ServerFacts {
  /** Counts the servers of that process. */
  readonly id: number;
  readonly name: string;
  readonly address: string;
  readonly port: number | undefined;
  /** It has clients: one for datagrams has none. */
  readonly accepts: boolean;
  state: ServerState;
  clients: number;
  served: number;
  failed: number;
  lastError: PackedError | undefined;
  /** How it has ended, if it has. */
  why: string | undefined;
}

/** A step without its calls, and the run of a cell that it was made for. */
export type StepHead = Pick<
  Step,
  "id" | "handle" | "name" | "fd" | "silent" | "start" | "local" | "peer" | "opened"
> & { run: number | undefined };

/** An error, taken apart: see pack-error.ts. */
export type PackedError = { kind: string } & Record<string, unknown>;

export type Answer = { value: unknown } | { handle: HandleFacts } | { error: PackedError } | { cancelled: true };

/** From the other process. Times are on its own clock; `leftOut` calls of the step before this one are not told. */
export type Report =
  | { tell: "ready"; clock: number; network: string | undefined }
  | { tell: "called"; step: StepHead; record: CallRecord; leftOut?: number }
  | { tell: "backstage"; handle: string; printed: boolean; record: CallRecord }
  | { tell: "waits"; step: StepHead; what: string; from: number }
  | {
      tell: "ended";
      step: StepHead;
      outcome: Outcome;
      at: number;
      readyAt: number | undefined;
      facts: HandleFacts | undefined;
    }
  | { tell: "said"; sentence: string; silent: boolean; run: number | undefined }
  | { tell: "state"; facts: HandleFacts; inode: number | undefined; state: string; at: number }
  /** What a handle is like that a server has accepted, or whose steps were left out. */
  | { tell: "handle"; facts: HandleFacts }
  | { tell: "server"; server: ServerFacts }
  | { tell: "stopping" }
  | { tell: "answer"; id: number; answer: Answer };

import { shortDuration } from "../duration";
import { columnsIn, firstThatFits, textColumns, wrap } from "../measure";
import type { Arrow } from "./arrows";
import { callPieces, failed, type Phase, stillWaits, waitText } from "./call-words";
import { type Column, GUTTER } from "./columns";
import { callIsOver, isLaneOf, type LadderCall, type Lane, waits } from "./lanes";
import type { LadderScene, StateAt } from "./scene";
import type { Window } from "./window";

export const LINE = 14;
/** From the top of a row to the middle of its first line: the height of the call's mark. */
export const MIDDLE = 8;
/** Nothing happening for longer than this, in milliseconds, is cut out of the picture. */
const IDLE = 500;
const IDLE_COLUMNS = 7;
/** The clocks of two processes can differ by this much, in milliseconds. */
const SKEW = 5;
const NOTE_SIZE = 10;
/** The height of the box in which the lane of an accepted socket begins. */
export const BOX = 20;

/** How much stays white between the rows, in pixels. */
export interface Spacing {
  /** Below each call. */
  readonly below: number;
  /** At most, for time that passes between two calls. */
  readonly passing: number;
  /** The height of a row in which time is cut out, and of one with states. */
  readonly idle: number;
  readonly states: number;
}

export const ROOMY: Spacing = { below: 6, passing: 12, idle: 20, states: 22 };
/** Where a picture would else be somewhat higher than its page. */
export const TIGHT: Spacing = { below: 3, passing: 3, idle: 14, states: 18 };

/** One line of a label, with its class. */
export interface Label {
  readonly text: string;
  readonly kind: string;
}

/** A call, or one end of a call that waited. */
export interface CallRow {
  readonly type: "call";
  readonly call: LadderCall;
  readonly phase: Phase | "still";
  readonly column: Column;
  readonly y: number;
  readonly labels: readonly Label[];
  /** Where an arrow leaves, below the label, and what is written above it, on the side to which it goes. */
  readonly track: number | undefined;
  readonly note: { readonly text: string; readonly leftward: boolean } | undefined;
}

/** States that were seen between two calls. */
export interface StateRow {
  readonly type: "states";
  readonly y: number;
  readonly states: readonly { column: Column; state: string }[];
}

/** A stretch without calls that is cut out. */
export interface IdleRow {
  readonly type: "idle";
  readonly y: number;
  readonly text: string;
}

export type Row = CallRow | StateRow | IdleRow;

interface Moment {
  readonly at: number;
  readonly order: number;
  readonly call?: LadderCall;
  readonly phase?: Phase;
  readonly state?: StateAt;
}

/** Whether an arrow leaves the call at this end of it. */
export function leavesAt(call: LadderCall, phase: CallRow["phase"]): boolean {
  return phase === "whole" || phase === (call.step.actsAtOnce === true ? "begin" : "end");
}

/** Every row from the top: calls in the order of time, one to a row, so that no label ever meets another. */
export class RowBuilder {
  readonly rows: Row[] = [];
  private y: number;
  private time: number | undefined;

  constructor(
    top: number,
    private readonly columns: ReadonlyMap<Lane, Column>,
    private readonly leaving: ReadonlyMap<LadderCall, readonly Arrow[]>,
    private readonly spacing: Spacing = ROOMY,
  ) {
    this.y = top;
  }

  /** Where the last row ends. */
  get bottom(): number {
    return this.y;
  }

  build(window: Window, scene: LadderScene): void {
    for (const moment of moments(window, scene)) {
      if (moment.state !== undefined) this.state(moment.state);
      else this.call(moment.call!, moment.phase!, moment.at);
    }
    this.stillWaiting([...window.waiting, ...window.calls.filter((call) => !callIsOver(call))], scene.now);
  }

  private call(call: LadderCall, phase: Phase, at: number): void {
    this.pass(at);
    const column = this.columns.get(call.lane)!;
    const bad = phase !== "begin" && failed(call);
    const mark = bad ? "✕ " : "";
    const labels: Label[] = callLines(callPieces(call, phase), column.columns, mark).map((text) => ({
      text,
      kind: bad ? "e" : phase === "begin" ? "q" : "",
    }));
    const waited = phase === "end" ? waitText(call) : undefined;
    if (waited !== undefined) for (const text of lines([waited], column.columns)) labels.push({ text, kind: "w" });
    this.push(call, phase, column, labels);
  }

  private push(call: LadderCall, phase: CallRow["phase"], column: Column, labels: readonly Label[]): void {
    const y = this.y;
    const leaving = leavesAt(call, phase) ? (this.leaving.get(call) ?? []) : [];
    const note = this.note(column, leaving);
    let height = labels.length * LINE;
    let track: number | undefined;
    if (leaving.some(({ cargo }) => cargo === "new socket")) {
      track = y + height + BOX / 2 + 2;
      height += BOX + 6;
    } else if (leaving.length > 0) {
      height += note === undefined ? 0 : LINE + 2;
      track = y + height + 5;
      height += 9;
    }
    this.rows.push({ type: "call", call, phase, column, y, labels, track, note });
    this.y = y + height + this.spacing.below;
  }

  /** The words above an arrow: at the side of the caller to which it goes, as far as the next lane's line. */
  private note(column: Column, leaving: readonly Arrow[]): CallRow["note"] {
    const arrow = leaving.find(({ notes, cargo }) => notes !== undefined || cargo === "FIN" || cargo === "RST");
    if (arrow === undefined) return undefined;
    const target = arrow.lane === undefined ? undefined : this.columns.get(arrow.lane);
    const leftward = target !== undefined && target.x < column.x;
    const neighbour = leftward ? [...this.columns.values()].findLast(({ x }) => x < column.x) : undefined;
    const room = neighbour === undefined ? GUTTER + column.room : column.x - neighbour.x - GUTTER - 10;
    return { text: firstThatFits(arrow.notes ?? [arrow.cargo], columnsIn(room, NOTE_SIZE)), leftward };
  }

  private state({ handle, pid, at, state }: StateAt): void {
    const column = [...this.columns.values()].find(({ lane }) => isLaneOf(lane, handle, pid));
    if (column === undefined) return;
    const last = this.rows.at(-1);
    if (last?.type === "states" && !last.states.some((other) => other.column === column)) {
      this.rows[this.rows.length - 1] = { ...last, states: [...last.states, { column, state }] };
      return;
    }
    this.pass(at);
    this.rows.push({ type: "states", y: this.y, states: [{ column, state }] });
    this.y += this.spacing.states;
  }

  /** Lets time pass: a little room for a little time, and a cut for a long one. */
  private pass(at: number): void {
    const gap = this.time === undefined ? 0 : at - this.time;
    this.time = at;
    if (gap < IDLE) {
      this.y += Math.min(this.spacing.passing, 5 * Math.log10(1 + Math.max(0, gap)));
      return;
    }
    this.rows.push({
      type: "idle",
      y: this.y + 1,
      text: firstThatFits([`… ${shortDuration(gap)}`, shortDuration(gap)], IDLE_COLUMNS),
    });
    this.y += this.spacing.idle;
  }

  private stillWaiting(calls: readonly LadderCall[], now: number | undefined): void {
    const byLane = new Map<Lane, LadderCall[]>();
    for (const call of calls) byLane.set(call.lane, [...(byLane.get(call.lane) ?? []), call]);
    if (byLane.size === 0) return;
    this.y += 8;
    const top = this.y;
    let bottom = top;
    for (const [lane, waiting] of byLane) {
      this.y = top;
      const column = this.columns.get(lane)!;
      for (const call of waiting) {
        const labels = lines(stillWaits(call, now), column.columns).map((text) => ({ text, kind: "w" }));
        this.push(call, "still", column, labels);
      }
      bottom = Math.max(bottom, this.y);
    }
    this.y = bottom;
  }
}

/** A call on more than three lines leaves out the usual family. */
function callLines(pieces: readonly string[], room: number, mark: string): string[] {
  const all = lines(pieces, room, mark);
  if (all.length <= 3) return all;
  return lines(
    pieces.filter((piece) => piece !== "AF_INET"),
    room,
    mark,
  );
}

/** The pieces of a label on lines of a lane's width. Where it is narrow, an address breaks before its port, and a result before its errno. */
function lines(pieces: readonly string[], room: number, mark = ""): string[] {
  const [first = "", ...rest] = pieces.flatMap((piece) => parts(piece, room));
  return wrap([mark + first, ...rest], room);
}

function parts(piece: string, room: number): string[] {
  if (textColumns(piece) <= room) return [piece];
  const address = /^((?:[←→] )?)(\[.*\]|\d+\.\d+\.\d+\.\d+)(:\d+)$/.exec(piece);
  if (address !== null) {
    const [, arrow = "", host = "", port = ""] = address;
    return textColumns(arrow + host) <= room ? [arrow + host, port] : [`${arrow}…${port}`];
  }
  // What was sent keeps its spaces; a number keeps its unit.
  if (piece.startsWith('"')) return [piece];
  return piece.split(/(?<!=) (?!m?s\b|min\b)/).map((part) => (textColumns(part) <= room ? part : bare(part)));
}

/** Without the prefix that says of which family a name is: `REUSEADDR`, `STREAM`. */
function bare(name: string): string {
  return name.replace(/^(SO|SOCK|SHUT|MSG|TCP|IPV6|IP)_/, "");
}

function moments({ calls, lanes }: Window, { states = [] }: LadderScene): Moment[] {
  const list: Moment[] = [];
  for (const call of calls) {
    const { step, index } = call;
    if (!waits(call)) list.push({ at: step.start, order: index, call, phase: "whole" });
    else {
      list.push({ at: step.start, order: index, call, phase: "begin" });
      if (callIsOver(call)) list.push({ at: step.end ?? step.start, order: index + 0.5, call, phase: "end" });
    }
  }
  const from = list.reduce((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY);
  const seen = new Map<string, string>();
  for (const state of states) {
    const key = `${state.pid ?? ""} ${state.handle} ${state.since ?? ""}`;
    if (seen.get(key) === state.state) continue;
    seen.set(key, state.state);
    if (state.at >= from && !isOfPredecessor(state, lanes))
      list.push({ at: state.at, order: Number.POSITIVE_INFINITY, state });
  }
  return list.sort((a, b) => a.at - b.at || (a.order === b.order ? 0 : a.order - b.order));
}

/** Another socket has the name by now: what the system still keeps of the one before is not its state. */
function isOfPredecessor({ handle, pid, at, since }: StateAt, lanes: readonly Lane[]): boolean {
  if (since === undefined) return false;
  const lane = lanes.find((candidate) => isLaneOf(candidate, handle, pid));
  return (
    lane?.lives.some(
      ({ openedBy }) => openedBy !== undefined && since + SKEW < beganAt(openedBy) && beganAt(openedBy) <= at,
    ) ?? false
  );
}

/** When a call has opened its socket. */
function beganAt({ step }: LadderCall): number {
  return step.waited === true ? (step.end ?? step.start) : step.start;
}

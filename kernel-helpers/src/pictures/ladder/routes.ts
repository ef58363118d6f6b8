import { pathOf, px } from "../svg";
import type { Arrow } from "./arrows";
import { BOX_INSET, type Column, GUTTER } from "./columns";
import type { LadderCall, Lane } from "./lanes";
import { type CallRow, leavesAt, MIDDLE } from "./rows";

const TIP = 5;
const ROUND = 4;
/** An arrow into or out of the picture. */
const STUB = 40;
/** The lines of what waits in one queue stand beside each other, as far as there is room: away from the letters, which begin at the gutter's end. */
const FIRST_SLOT = 8.8;
const SLOT = 3.4;
const SLOTS = 2;
/** Outside of all these lines: what is lost never gets there. */
const BESIDE = FIRST_SLOT + SLOTS * SLOT + 5;

const CLASSES: Readonly<Record<Arrow["cargo"], string>> = {
  connection: "c",
  "new socket": "c",
  bytes: "d",
  datagram: "d",
  FIN: "f",
  RST: "r",
};

/** Where the calls are on the paper. */
export interface Places {
  readonly columns: ReadonlyMap<Lane, Column>;
  readonly rows: readonly CallRow[];
  /** Where the lanes begin and end. */
  readonly top: number;
}

/** Draws the arrows: along a row to the queue of the other end, down while it waits there, and into the call that takes it. */
export class Router {
  /** Three layers, so that no line covers the head of another. */
  private readonly paper: string[] = [];
  private readonly lines: string[] = [];
  private readonly heads: string[] = [];
  private readonly rowOf = new Map<LadderCall, CallRow>();
  private readonly endOf = new Map<LadderCall, CallRow>();
  private readonly busy = new Map<string, number[]>();
  private readonly slotOf = new Map<string, number>();

  constructor(private readonly places: Places) {
    for (const row of places.rows) if (leavesAt(row.call, row.phase)) this.rowOf.set(row.call, row);
    for (const row of places.rows) if (row.phase === "end" || row.phase === "whole") this.endOf.set(row.call, row);
  }

  /** Everything that was drawn. */
  get body(): string {
    return [...this.paper, ...this.lines, ...this.heads].join("");
  }

  draw(arrow: Arrow): void {
    const from = arrow.from === undefined ? undefined : this.rowOf.get(arrow.from);
    const to = arrow.to === undefined ? undefined : this.endOf.get(arrow.to);
    if (arrow.cargo === "new socket") {
      if (from !== undefined) this.birth(from, arrow);
    } else if (from !== undefined) this.leave(arrow, from, to);
    else if (to !== undefined) this.enter(arrow, to);
  }

  /** From a call that is not drawn: it comes from outside, or from above the part that is. */
  private enter(arrow: Arrow, to: CallRow): void {
    const { column } = to;
    const y = to.y + MIDDLE;
    const sender = arrow.from === undefined ? undefined : this.places.columns.get(arrow.from.lane);
    if (sender === undefined) {
      this.stroke(`M${px(column.x - GUTTER + 2)} ${px(y)}H${px(column.x - TIP)}`, arrow);
      this.head(column.x - TIP, y, 1, arrow);
      return;
    }
    const side = sideOf(sender, column);
    const x = this.slot(arrow, column, side, this.places.top, y);
    this.dive(`M${px(x)} ${px(this.places.top)}`, x, this.places.top, to, side, arrow);
  }

  private leave(arrow: Arrow, from: CallRow, to: CallRow | undefined): void {
    const y = from.track!;
    const start = `M${px(from.column.x)} ${px(y)}`;
    const column = arrow.lane === undefined ? undefined : this.places.columns.get(arrow.lane);
    if (column === undefined || (arrow.to !== undefined && to === undefined)) {
      // To a call that is not drawn, of a lane that is: towards it.
      const direction = column !== undefined && column.x < from.column.x ? -1 : 1;
      const x = from.column.x + direction * STUB;
      this.stroke(`${start}H${px(x)}`, arrow);
      if (arrow.fate === "lost") this.cross(x + 4 * direction, y);
      else this.head(x, y, direction, arrow);
      return;
    }
    const side = sideOf(from.column, column);
    if (to !== undefined) {
      const end = to.y + MIDDLE;
      const x = this.slot(arrow, column, side, y, end);
      this.dive(`${start}${turn(from.column.x, x, y, end)}`, x, y, to, side, arrow);
      return;
    }
    const lost = arrow.fate === "lost";
    const x = column.x + side * (lost ? BESIDE : FIRST_SLOT);
    this.stroke(`${start}H${px(x + side * 3)}`, arrow);
    if (lost) this.cross(x, y);
    else {
      this.head(x, y, -side, arrow);
      this.heads.push(queue(column.x, side, y));
    }
  }

  /** Down along the lane from the height at which it arrives, and into the call. */
  private dive(start: string, x: number, from: number, to: CallRow, side: number, arrow: Arrow): void {
    const end = to.y + MIDDLE;
    const r = Math.min(ROUND, Math.abs(end - from) / 2);
    const tip = to.column.x + side * TIP;
    const down = Math.sign(end - from);
    this.stroke(`${start}V${px(end - down * r)}Q${px(x)} ${px(end)} ${px(x - side * r)} ${px(end)}H${px(tip)}`, arrow);
    this.head(tip, end, -side, arrow);
  }

  /** To the box in which the lane of an accepted socket begins. */
  private birth(from: CallRow, arrow: Arrow): void {
    const column = this.places.columns.get(arrow.lane!);
    const y = from.track!;
    const right = column === undefined || column.x > from.column.x;
    const x = column === undefined ? from.column.x + STUB : right ? column.x - GUTTER + BOX_INSET : column.x + GUTTER;
    this.stroke(`M${px(from.column.x)} ${px(y)}H${px(x)}`, arrow);
    this.head(x, y, right ? 1 : -1, arrow);
  }

  /** A line, and under it a wider one in the colour of the paper: what it crosses seems to pass below it. */
  private stroke(d: string, { cargo, known }: Arrow): void {
    this.paper.push(pathOf(d, "o"));
    this.lines.push(pathOf(d, `a ${CLASSES[cargo]}${known === "inferred" ? " i" : ""}`));
  }

  private head(x: number, y: number, direction: number, { cargo }: Arrow): void {
    this.heads.push(pathOf(`M${px(x)} ${px(y)}l${px(-7 * direction)} -3.5v7z`, `h ${CLASSES[cargo]}`));
  }

  /** Lost on the way. */
  private cross(x: number, y: number): void {
    this.heads.push(pathOf(`M${px(x - 4)} ${px(y - 4)}l8 8m0 -8l-8 8`, "x"));
  }

  private slot(arrow: Arrow, column: Column, side: number, from: number, to: number): number {
    const place = `${column.x} ${side}`;
    const key = `${arrow.from!.index} ${place}`;
    const known = this.slotOf.get(key);
    const ends = this.busy.get(place) ?? [];
    let slot = known ?? ends.findIndex((end) => end < from);
    if (slot < 0) slot = Math.min(ends.length, SLOTS - 1);
    ends[slot] = Math.max(ends[slot] ?? 0, to);
    this.busy.set(place, ends);
    this.slotOf.set(key, slot);
    return column.x + side * (FIRST_SLOT + SLOT * slot);
  }
}

/** Along the row and round the corner. */
function turn(from: number, x: number, y: number, end: number): string {
  const direction = Math.sign(x - from);
  const r = Math.min(ROUND, Math.abs(end - y) / 2);
  return `H${px(x - direction * r)}Q${px(x)} ${px(y)} ${px(x)} ${px(y + Math.sign(end - y) * r)}`;
}

/** -1 when it arrives from the left of the lane, 1 from the right. */
function sideOf(from: Column, to: Column): number {
  return from.x < to.x ? -1 : 1;
}

/** Three sides of a box at the lane: the queue in which it waits. */
function queue(x: number, side: number, y: number): string {
  return pathOf(`M${px(x + side * 15)} ${px(y - 6)}h${px(-side * 8)}v12h${px(side * 8)}`, "k");
}

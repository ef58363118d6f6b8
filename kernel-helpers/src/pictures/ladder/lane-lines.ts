import { columnsIn, firstThatFits, shorten, textWidth } from "../measure";
import { boxAt, lineTo, pathOf, px, textAt } from "../svg";
import { SIZE } from "../theme";
import { BOX_INSET, type Column, GUTTER } from "./columns";
import { closes, type LadderCall, type Life, waits } from "./lanes";
import { BOX, type CallRow, MIDDLE, type Row } from "./rows";

const BAR = 8;
const HEADER = 12;
/** How far the edge of a cut goes to both sides of a lane. */
const TEAR = 12;

/** The two ends of a call in the picture; outside it, the top or the bottom. */
interface Ends {
  begin?: CallRow;
  end?: CallRow;
}

/** The vertical part of the picture: a line for every socket's life, and a bar on it wherever a call waits. */
export class LaneLines {
  private readonly ends = new Map<LadderCall, Ends>();

  constructor(
    private readonly rows: readonly Row[],
    private readonly columns: readonly Column[],
    private readonly top: number,
    private readonly bottom: number,
  ) {
    for (const row of rows) {
      if (row.type !== "call") continue;
      const ends = this.ends.get(row.call) ?? {};
      if (row.phase === "begin" || row.phase === "whole") ends.begin = row;
      if (row.phase !== "begin") ends.end = row;
      this.ends.set(row.call, ends);
    }
  }

  draw(): string {
    return this.columns.map((column) => column.lane.lives.map((life) => this.life(column, life)).join("")).join("");
  }

  /** The boxes in which the lanes of accepted sockets begin. They stand over the arrows: bytes can wait there from before. */
  boxes(): string {
    return this.columns
      .flatMap((column) =>
        column.lane.lives.map((life) => {
          const opening = this.opening(life);
          return opening?.track === undefined || opening.column === column ? "" : newBox(column, life, opening.track);
        }),
      )
      .join("");
  }

  bars(): string {
    const drawn: string[] = [];
    const open = new Map<number, number[]>();
    for (const [call, { begin, end }] of this.ends) {
      const row = begin ?? end;
      if (!waits(call) || row === undefined) continue;
      const from = begin === undefined ? this.top : begin.y + MIDDLE;
      const to = end === undefined ? this.bottom : end.y + MIDDLE;
      // Two calls can wait on one socket at once, one to send and one to receive.
      const others = open.get(row.column.x) ?? [];
      const aside = others.some((until) => until > from) ? BAR - 2 : 0;
      open.set(row.column.x, [...others, to]);
      drawn.push(boxAt(row.column.x - BAR / 2 + aside, from, BAR, to - from, "w-bar", 0));
    }
    return drawn.join("");
  }

  private opening({ openedBy }: Life): CallRow | undefined {
    return openedBy === undefined ? undefined : this.ends.get(openedBy)?.end;
  }

  private life(column: Column, life: Life): string {
    const span = this.span(column, life);
    if (span === undefined) return "";
    const [from, to] = span;
    const after = life.closedBy !== undefined && life === column.lane.lives.at(-1) ? this.after(column, to) : "";
    return lineTo(column.x, from, column.x, to, "l") + after;
  }

  /** From where to where the socket lives, as far as it is drawn. */
  private span(column: Column, life: Life): [number, number] | undefined {
    const opening = this.opening(life);
    const closing = life.closedBy === undefined ? undefined : this.ends.get(life.closedBy)?.end;
    // Its beginning and its end both lie above the part that is drawn.
    if (life.closedBy !== undefined && closing === undefined) return undefined;
    const accepted = opening !== undefined && opening.column !== column;
    const from =
      opening === undefined ? this.top : accepted ? (opening.track ?? opening.y + MIDDLE) : opening.y + MIDDLE;
    return [from, closing === undefined ? this.bottom : endOf(closing)];
  }

  /** A strip of paper over every line, with torn edges, where time is cut out. */
  cuts(): string {
    const heights = this.rows.flatMap((row) => (row.type === "idle" ? [row.y + 5] : []));
    return this.columns
      .flatMap((column) => column.lane.lives.flatMap((life) => this.cutsOf(column, life, heights)))
      .join("");
  }

  private cutsOf(column: Column, life: Life, heights: readonly number[]): string[] {
    const [from, to] = this.span(column, life) ?? [0, 0];
    return heights
      .filter((y) => from < y && y < to)
      .map((y) => {
        const edges = [y, y + 6].map((edge) => lineTo(column.x - TEAR, edge, column.x + TEAR, edge, "torn"));
        return boxAt(column.x - TEAR, y, 2 * TEAR, 6, "cut", 0) + edges.join("");
      });
  }

  /** The system can keep a socket after its close: its states go on below the end of the line. */
  private after(column: Column, end: number): string {
    const next = this.rows.findLast(
      (row) => row.type === "states" && row.states.some((state) => state.column === column),
    );
    return next === undefined || next.y < end ? "" : lineTo(column.x, end, column.x, next.y + 9, "p-line");
  }
}

/** A closed socket ends where its last word, the FIN, leaves. */
function endOf({ track, y }: CallRow): number {
  return track ?? y + MIDDLE;
}

/** A box with a name fills its lane. */
function boxWidth({ room }: Column): number {
  return GUTTER + room + GUTTER - 2 * BOX_INSET;
}

function newBox(column: Column, life: Life, middle: number): string {
  const { handle } = column.lane;
  const room = boxWidth(column);
  const wordings = [
    `new socket: ${handle} (fd ${life.fd ?? "?"})`,
    `new socket: ${handle}`,
    `new socket ${handle}`,
    `new: ${handle}`,
    handle,
  ];
  const text = firstThatFits(wordings, columnsIn(room - 14, SIZE));
  const x = column.x - GUTTER + BOX_INSET;
  const width = textWidth(text, SIZE) + 14;
  return boxAt(x, middle - BOX / 2, width, BOX, "n") + textAt(x + 7, middle + 4, text, "bare b c-text");
}

/**
 * The name of every lane, above it (and in a long picture below it too), with the descriptors of the sockets that are in the picture.
 *
 * @param shown the sockets that have a call in the picture
 */
export function headers(
  columns: readonly Column[],
  y: number,
  severalProcesses: boolean,
  shown: ReadonlySet<Life | undefined>,
): string {
  return columns
    .map((column) => {
      const { lane, x } = column;
      const width = boxWidth(column);
      const drawn = lane.lives.filter((life) => shown.has(life));
      const numbers = [...new Set(drawn.map(({ fd }) => fd).filter((fd) => fd !== undefined))];
      const fd = numbers.length === 0 ? [] : [`fd ${numbers.slice(-3).join(", ")}`];
      const pid = severalProcesses && lane.pid !== undefined ? [`pid ${lane.pid}`] : [];
      const network = lane.network === undefined ? [] : ["own network"];
      const kind = lane.lives.at(-1)?.kind === "datagram" ? ["datagrams"] : [];
      // Where there is little room, the network says more than the process: its addresses are others.
      const narrow = network.length === 0 ? [...fd, ...pid, ...kind] : [...fd, ...network];
      const narrowest = [...network, ...pid, ...fd].slice(0, 1);
      const wordings = [[...fd, ...pid, ...network, ...kind], narrow, narrowest].map((words) => words.join(" · "));
      const left = x - GUTTER + BOX_INSET;
      return (
        boxAt(left, y, width, 32, "n") +
        textAt(left + 7, y + 13, shorten(lane.handle, columnsIn(width - 14, HEADER)), "bare b") +
        textAt(left + 7, y + 26, firstThatFits(wordings, columnsIn(width - 14, 10)), "bare q s")
      );
    })
    .join("");
}

/** The marks on the lane's line: a dot, a hollow one where a wait begins, a cross for an error, a bar across where the socket ends. */
export function marks(rows: readonly CallRow[]): string {
  return rows
    .map((row) => {
      const { call, phase, column, y, labels } = row;
      const middle = y + MIDDLE;
      if (phase === "still") return lineTo(column.x - 6, middle, column.x + 6, middle, "w-open");
      if (labels[0]?.kind === "e") return pathOf(`M${px(column.x - 4.5)} ${px(middle - 4.5)}l9 9m0 -9l-9 9`, "x");
      if (phase === "begin") return dot(column.x, middle, "hollow");
      if (closes(call.step)) {
        const bar = boxAt(column.x - 8, endOf(row) - 2, 16, 4, "z", 0);
        return row.track === undefined ? bar : dot(column.x, middle, "dot") + bar;
      }
      return dot(column.x, middle, "dot");
    })
    .join("");
}

function dot(x: number, y: number, kind: string): string {
  return `<circle class="${kind}" cx="${px(x)}" cy="${px(y)}" r="3.5"/>`;
}

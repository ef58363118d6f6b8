import { columnsIn, textWidth } from "../measure";
import { PAGE, SIZE } from "../theme";
import type { Lane } from "./lanes";

/** From a lane's line to its labels on one side, and to the neighbour's labels on the other: room for the queue. */
export const GUTTER = 16;
/** From the edge of the gutter to the left edge of a box with a name. */
export const BOX_INSET = 4;
const MARGIN = 8;
/** Room for `127.0.0.1` on a line of its own. Five lanes of it fit into a page; more make a picture that is wider. */
const NARROWEST = 60;
/** Room for the words above an arrow, where there is room. */
const COMFORTABLE = 120;
const WIDEST = 300;

/** Where a lane stands. All in pixels. */
export interface Column {
  readonly lane: Lane;
  /** The lane's line. */
  readonly x: number;
  /** Labels begin here, right of the line, and have this width. */
  readonly label: number;
  readonly room: number;
  /** How many characters of a label fit into a line. */
  readonly columns: number;
}

/** Gives every lane the width of its longest label, or less where they are many. */
export function placeColumns(lanes: readonly Lane[], longest: (lane: Lane) => number, left: number): Column[] {
  const wishes = lanes.map((lane) =>
    Math.min(WIDEST, Math.max(COMFORTABLE, textWidth("m".repeat(longest(lane)), SIZE) + 2)),
  );
  const budget = PAGE - left - MARGIN - 2 * GUTTER * lanes.length;
  const most = Math.max(NARROWEST, share(wishes, budget));
  const columns: Column[] = [];
  let x = left + GUTTER;
  lanes.forEach((lane, index) => {
    const room = Math.min(wishes[index]!, most);
    columns.push({ lane, x, label: x + GUTTER, room, columns: columnsIn(room, SIZE) });
    x += GUTTER + room + GUTTER;
  });
  return columns;
}

/** The width of the page that the columns need. */
export function widthOf(columns: readonly Column[], least: number): number {
  const last = columns.at(-1);
  return Math.max(least, last === undefined ? 0 : last.label + last.room + MARGIN);
}

/** The largest width so that all wishes, cut to it, fit into the budget together. */
function share(wishes: readonly number[], budget: number): number {
  const sorted = [...wishes].sort((a, b) => a - b);
  let left = budget;
  for (const [index, wish] of sorted.entries()) {
    const each = left / (sorted.length - index);
    if (wish > each) return each;
    left -= wish;
  }
  return Number.POSITIVE_INFINITY;
}

import { textColumns } from "../measure";
import { type Picture, picture } from "../picture";
import { document, textAt } from "../svg";
import { PAGE_HEIGHT } from "../theme";
import type { Arrow } from "./arrows";
import { callPieces, stillWaits } from "./call-words";
import { placeColumns, widthOf } from "./columns";
import { ladderInWords } from "./in-words";
import { labels, times } from "./labels";
import { headers, LaneLines, marks } from "./lane-lines";
import type { LadderCall, Lane } from "./lanes";
import { legend } from "./legend";
import { type LadderModel, understand } from "./model";
import type { LadderOptions } from "./options";
import { Router } from "./routes";
import { type CallRow, LINE, ROOMY, RowBuilder, type Spacing, TIGHT } from "./rows";
import type { LadderScene } from "./scene";
import { LADDER_PATTERN, LADDER_STYLE } from "./style";
import { chooseWindow, type Window } from "./window";

/** Seven letters: `0.31 ms`. */
const TIME_WIDTH = 48;
const HEADER_HEIGHT = 32;
/** A picture higher than this names its lanes at the bottom too. */
const TALL = 900;
const LEAST_WIDTH = 420;

/**
 * Draws the calls as a ladder: a lane for every handle, time from top to bottom, an arrow for everything that went from a call to
 * another, a bar wherever a call waited.
 *
 * Up to five lanes fit into half a window; more make the picture wider, and no letter smaller. Everything in it comes from the scene; a stretch of more than half a second without calls is cut out and its length written there.
 *
 * @param mostLanes the lanes that were used last are drawn, and it is said how many others are left out
 * @param height of the page: a picture that is higher is drawn with less between its rows, if it fits then
 */
export function ladderPicture(
  scene: LadderScene,
  options: LadderOptions = {},
  mostLanes?: number,
  height = PAGE_HEIGHT,
): Picture {
  const model = understand(scene);
  const window = chooseWindow(model, options, mostLanes);
  if (window.calls.length === 0 && window.waiting.length === 0) return nothing(window);
  const roomy = drawn(scene, model, window, ROOMY);
  if (roomy.height <= height) return roomy;
  const tight = drawn(scene, model, window, TIGHT);
  return tight.height <= height ? tight : roomy;
}

function drawn(scene: LadderScene, model: LadderModel, window: Window, spacing: Spacing): Picture {
  const cells = window.calls.some(({ step }) => step.cell !== undefined);
  const columns = placeColumns(window.lanes, longestLabel(window, scene.now), TIME_WIDTH);
  const byLane = new Map(columns.map((column) => [column.lane, column]));
  const width = widthOf(columns, LEAST_WIDTH);
  const shown = new Set([...window.calls, ...window.waiting]);
  const arrows = model.arrows.filter(
    ({ from, to }) => (from !== undefined && shown.has(from)) || (to !== undefined && shown.has(to)),
  );

  const notes = window.notes.map((note, index) => textAt(12, 20 + index * LINE, `${note}.`, "q"));
  const header = 10 + notes.length * LINE;
  const top = header + HEADER_HEIGHT;
  const builder = new RowBuilder(top + 6, byLane, leaving(arrows), spacing);
  builder.build(window, scene);
  const rows = builder.rows;
  const callRows = rows.filter((row): row is CallRow => row.type === "call");
  const bottom = builder.bottom + 4;
  const router = new Router({ columns: byLane, rows: callRows, top });
  for (const arrow of arrows) router.draw(arrow);
  const lines = new LaneLines(rows, columns, top, bottom);
  const several = new Set(window.lanes.map(({ pid }) => pid)).size > 1;
  const lives = new Set([...shown].flatMap(({ life, opened }) => [life, opened]));
  const footer = bottom - top > TALL ? headers(columns, bottom, several, lives) : "";
  const explained = bottom + (footer === "" ? 8 : HEADER_HEIGHT + 10);
  const signs = legend(callRows, arrows, explained, width);
  const zero = scene.steps[0]!.start;

  const body = [
    ...notes,
    lines.draw(),
    lines.bars(),
    lines.cuts(),
    headers(columns, header, several, lives),
    router.body,
    lines.boxes(),
    marks(callRows),
    labels(rows),
    times(rows, zero, TIME_WIDTH - 3, cells),
    footer,
    signs.body,
  ].join("");
  const height = explained + signs.height + 4;
  const alt = ladderInWords(rows, arrows, zero, window.notes, scene.now);
  return picture(document(width, height, LADDER_STYLE, body, LADDER_PATTERN), alt, width, height);
}

function nothing({ notes }: Window): Picture {
  const text = notes.length === 0 ? "No calls yet." : notes.join(", ");
  return picture(document(LEAST_WIDTH, 40, LADDER_STYLE, textAt(12, 24, text, "q")), text, LEAST_WIDTH, 40);
}

function longestLabel({ calls, waiting }: Window, now: number | undefined): (lane: Lane) => number {
  const longest = new Map<Lane, number>();
  const note = (lane: Lane, pieces: readonly string[]): void => {
    longest.set(lane, Math.max(longest.get(lane) ?? 0, textColumns(pieces.join(" ")) + 2));
  };
  for (const call of calls) note(call.lane, callPieces(call, "end"));
  for (const call of waiting) note(call.lane, stillWaits(call, now));
  return (lane) => Math.max(longest.get(lane) ?? 0, textColumns(lane.handle));
}

function leaving(arrows: readonly Arrow[]): Map<LadderCall, Arrow[]> {
  const map = new Map<LadderCall, Arrow[]>();
  for (const arrow of arrows) {
    if (arrow.from === undefined) continue;
    const list = map.get(arrow.from);
    if (list === undefined) map.set(arrow.from, [arrow]);
    else list.push(arrow);
  }
  return map;
}

import { processWide, whole } from "../cells";
import type { LadderScene } from "../pictures/ladder/scene";
import type { Picture } from "../pictures/picture";
import { onStep } from "../trace";
import { newView, type View } from "./display";
import { sceneOf } from "./ladder";
import { pictures } from "./lazy";
import { Redraw } from "./redraw";
import { takeSnapshot } from "./snapshot";
import { tableOf } from "./sockets";

/** How many of the last calls the panel's ladder shows, and how many lanes: as many as fit into half a window. */
const CALLS = 11;
const LANES = 5;
/** The height of the ladder: the last calls are in sight, and the table below it begins to be, in a window of 768 pixels. */
const HEIGHT = 460;
const FEWEST = 3;

const state = processWide("panel", () => ({
  view: undefined as View | undefined,
  redraw: new Redraw(update),
  listening: false,
}));

/**
 * Shows the ladder of the last calls and below it the table of sockets, and keeps both up to date while other cells run: at most ten times a second,
 * and only when calls are made. In JupyterLab, right-click on it and choose "Create New View for Cell Output" to dock it beside the notebook.
 *
 * There is one panel in a notebook: running the cell again moves it there.
 *
 * @throws Errors: none
 */
export function panel(): void {
  whole(showHere);
}

function showHere(): void {
  state.view = newView();
  state.redraw.now();
  if (state.listening) return;
  state.listening = true;
  onStep(() => state.redraw.soon());
}

function update(): void {
  const snapshot = takeSnapshot();
  const picture = lastCalls(sceneOf(snapshot));
  // The ladder first: the table below it grows with every socket. What connections have left behind is one line of it.
  const table = tableOf(snapshot, 0);
  const image = pictures().asThemedImage(picture);
  state.view?.show(
    `<div class="workshop-panel"><div>${image}</div><div style="margin-top:8px">${table.html}</div></div>`,
    `${pictures().asText(picture)}\n\n${table.text}`,
  );
}

/** The ladder of the last calls: of as many as fit above the table. */
function lastCalls(scene: LadderScene): Picture {
  let last = CALLS;
  let picture = pictures().ladderPicture(scene, { last }, LANES);
  while (picture.height > HEIGHT && last > FEWEST) {
    last = Math.max(FEWEST, Math.min(last - 1, Math.floor((last * HEIGHT) / picture.height)));
    picture = pictures().ladderPicture(scene, { last }, LANES);
  }
  return picture;
}

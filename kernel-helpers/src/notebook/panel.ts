import { processWide } from "../libc";
import { onStep } from "../trace";
import { newView, type View } from "./display";
import { ladderNow } from "./ladder";
import { pictures } from "./lazy";
import { Redraw } from "./redraw";
import { socketsNow } from "./sockets";

/** How many calls the panel's ladder shows: as many as fit beside a notebook, above the table. */
const CALLS = 9;
/** And how many lanes: as many as fit into half a window. */
const LANES = 5;

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
 */
export function panel(): void {
  state.view = newView();
  state.redraw.now();
  if (state.listening) return;
  state.listening = true;
  onStep(() => state.redraw.soon());
}

function update(): void {
  const { picture, words } = ladderNow({ last: CALLS }, LANES);
  // The ladder first: the table below it grows with every socket. What connections have left behind is one line of it.
  const table = socketsNow(0);
  const image = pictures().asImage(picture);
  state.view?.show(
    `<div class="workshop-panel"><div>${image}</div><div style="margin-top:8px">${table.html}</div></div>`,
    `${words}\n\n${table.text}`,
  );
}

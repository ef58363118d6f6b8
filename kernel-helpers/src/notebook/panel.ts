import { processWide } from "../libc";
import { onStep } from "../trace";
import { newView, type View } from "./display";
import { ladderNow } from "./ladder";
import { Redraw } from "./redraw";
import { socketsNow } from "./sockets";

/** How many calls the panel's ladder shows: as many as fit beside a notebook, below the table. */
const CALLS = 11;

const state = processWide("panel", () => ({
  view: undefined as View | undefined,
  redraw: new Redraw(update),
  listening: false,
}));

/**
 * Shows the table of sockets and the ladder of the last calls, and keeps both up to date while other cells run: at most ten times a second,
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
  const { html, words } = ladderNow({ last: CALLS });
  const table = socketsNow();
  state.view?.show(`<div>${table.html}</div><div style="margin-top:8px">${html}</div>`, `${table.text}\n\n${words}`);
}

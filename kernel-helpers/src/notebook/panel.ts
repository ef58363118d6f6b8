import { processWide } from "../libc";
import { onStep } from "../trace";
import { newView, type View } from "./display";
import { ladderNow } from "./ladder";
import { socketsNow } from "./sockets";

/** At most ten updates a second. */
const INTERVAL = 100;
/** And at most a tenth of the time: the system's tables can be slow to read. */
const PAUSE = 10;
/** How many calls the panel's ladder shows: as many as fit beside a notebook, below the table. */
const CALLS = 11;

const state = processWide("panel", () => ({
  view: undefined as View | undefined,
  timer: undefined as NodeJS.Timeout | undefined,
  listening: false,
  /** What the last update took, in milliseconds. */
  cost: 0,
}));

/**
 * Shows the table of sockets and the ladder of the last calls, and keeps both up to date while other cells run: at most ten times a second,
 * and only when calls are made. In JupyterLab, right-click on it and choose "Create New View for Cell Output" to dock it beside the notebook.
 *
 * There is one panel in a notebook: running the cell again moves it there.
 */
export function panel(): void {
  clearTimeout(state.timer);
  state.timer = undefined;
  state.view = newView();
  update();
  if (state.listening) return;
  state.listening = true;
  onStep(soon);
}

function soon(): void {
  state.timer ??= setTimeout(
    () => {
      state.timer = undefined;
      update();
    },
    Math.max(INTERVAL, PAUSE * state.cost),
  ).unref();
}

function update(): void {
  const start = performance.now();
  const { html, words } = ladderNow({ last: CALLS });
  const table = socketsNow();
  state.view?.show(`<div>${table.html}</div><div style="margin-top:8px">${html}</div>`, `${table.text}\n\n${words}`);
  state.cost = performance.now() - start;
}

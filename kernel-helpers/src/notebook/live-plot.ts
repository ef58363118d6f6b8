import { errorWords } from "../bytes/error-words";
import type { PlotSpec } from "../pictures/plot/spec";
import { newView } from "./display";
import { pictures, plots } from "./lazy";
import { readSpec } from "./plot-spec";
import { Redraw } from "./redraw";

/** A plot that follows its data: see `livePlot`. */
export interface LivePlot {
  /**
   * Draws the plot again, with the points that are there by then: soon, and at most ten times a second.
   *
   * @throws Errors: none
   */
  update(): void;
  /**
   * Draws it now, with everything that has come. A last drawing that `update` owes is seen only by who stays: not on a printed page.
   *
   * @throws Errors: none
   */
  finish(): void;
}

/**
 * Draws what `plot` draws, and draws it again in the same place whenever `update()` is called: for points that come in while the cell
 * runs. The points are read from the arrays that were given, so push new ones into them.
 *
 * @param spec `title`; `x` and `y`: the axes (`{ label: "age", unit: "ms" }`); `lines` and `dots`: each with a `name` and `points` (pairs of x and y); or `histogram`: each with a `name` and `values`, in so many `bins` (1 to 1,000; 30 unless told)
 * @returns Returns the plot, with `update()` and `finish()`
 * @throws Errors: TypeError and RangeError for what is no such object, and for a wrong number of bins
 */
export function livePlot(spec: PlotSpec): LivePlot {
  readSpec("livePlot", spec);
  const view = newView();
  plots(); // Loaded now: the first drawing is timed, and the next one waits ten times as long.
  const draw = (): void => {
    const picture = plots().plotPicture(readSpec("livePlot", spec));
    view.show(pictures().asThemedImage(picture), pictures().asText(picture));
  };
  let drawn = false;
  const redraw = new Redraw(() => {
    try {
      draw();
      drawn = true;
    } catch (error) {
      if (!drawn) throw error;
      // It is drawn by a timer: nobody else would be told what is wrong with the points.
      const why = error instanceof Error ? error.message : errorWords(error);
      view.show(`<div>${pictures().escapeText(why)}</div>`, why);
    }
  });
  redraw.now();
  return { update: () => redraw.soon(), finish: () => redraw.now() };
}

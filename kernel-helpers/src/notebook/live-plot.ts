import type { PlotSpec } from "../pictures/plot/spec";
import { newView } from "./display";
import { pictures, plots } from "./lazy";
import { Redraw } from "./redraw";

/** A plot that follows its data: see {@link livePlot}. */
export interface LivePlot {
  /** Draws the plot again, with the points that are there by then: soon, and at most ten times a second. */
  update(): void;
  /** Draws it now, with everything that has come. A last drawing that `update` owes is seen only by who stays: not on a printed page. */
  finish(): void;
}

/**
 * Draws what {@link plot} draws, and draws it again in the same place whenever `update()` is called: for points that come in while the cell
 * runs. The points are read from the arrays that were given, so push new ones into them.
 *
 * @param spec as for `plot`
 */
export function livePlot(spec: PlotSpec): LivePlot {
  const view = newView();
  plots(); // Loaded now: the first drawing is timed, and the next one waits ten times as long.
  const draw = (): void => {
    const picture = plots().plotPicture(spec);
    view.show(pictures().asThemedImage(picture), picture.alt);
  };
  let drawn = false;
  const redraw = new Redraw(() => {
    try {
      draw();
      drawn = true;
    } catch (error) {
      if (!drawn) throw error;
      // It is drawn by a timer: nobody else would be told what is wrong with the points.
      const why = error instanceof Error ? error.message : String(error);
      view.show(`<div>${pictures().escapeText(why)}</div>`, why);
    }
  });
  redraw.now();
  return { update: () => redraw.soon(), finish: () => redraw.now() };
}

import { randomUUID } from "node:crypto";
import { currentCell, insideKernel } from "../cells";
import { withSpareDescriptor } from "../inspection";
import { print } from "../trace";

type Tslab = typeof import("tslab");

/** tslab's own instance, the one that the running kernel uses: it is found from here because both come from the same node_modules. */
function tslab(): Tslab {
  return withSpareDescriptor(() => require("tslab") as Tslab);
}

/**
 * Shows HTML in the cell; outside a notebook, prints the same in words. Our kernel sends both in one message: `jupyter console`, LaTeX and
 * whoever else has no use for HTML show the words. tslab sends one MIME type.
 */
export function show(html: string, words: string): void {
  const cell = currentCell();
  if (cell !== undefined) cell.display(inBoth(html, words));
  else if (insideKernel()) tslab().display.html(html);
  else print(words);
}

function inBoth(html: string, words: string): Record<string, string> {
  return { "text/html": html, "text/plain": words };
}

/** An output that can be shown anew later, in the place where it stood first. */
export interface View {
  show(html: string, words: string): void;
}

/** A new output in the cell. Outside a notebook each showing is printed. */
export function newView(): View {
  if (!insideKernel()) return { show };
  const cell = currentCell();
  if (cell !== undefined) {
    const id = randomUUID();
    let shown = false;
    return {
      show(html, words) {
        cell.display(inBoth(html, words), id, shown);
        shown = true;
      },
    };
  }
  const display = tslab().newDisplay();
  return { show: (html) => display.html(html) };
}

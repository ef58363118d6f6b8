import { insideKernel } from "../cells";
import { withSpareDescriptor } from "../inspection";
import { print } from "../trace";

type Tslab = typeof import("tslab");

/** tslab's own instance, the one that the running kernel uses: it is found from here because both come from the same node_modules. */
function tslab(): Tslab {
  return withSpareDescriptor(() => require("tslab") as Tslab);
}

/** Shows HTML in the cell; outside a notebook, prints the same in words. */
export function show(html: string, words: string): void {
  if (insideKernel()) tslab().display.html(html);
  else print(words);
}

/** An output that can be shown anew later, in the place where it stood first. */
export interface View {
  show(html: string, words: string): void;
}

/** A new output in the cell. Outside a notebook each showing is printed. */
export function newView(): View {
  if (!insideKernel()) return { show };
  const display = tslab().newDisplay();
  return { show: (html) => display.html(html) };
}

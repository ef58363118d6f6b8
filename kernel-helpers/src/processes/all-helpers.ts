import { createRequire } from "node:module";
import { join } from "node:path";
import type { Helpers } from "./sent-function";

/** What a cell can import from the package, all of it: found by its path, because no floor down here is built on it. */
export function allHelpers(): Helpers {
  return createRequire(__filename)(join(__dirname, "..", "index.js")) as Helpers;
}

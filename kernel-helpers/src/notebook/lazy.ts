import { withSpareDescriptor } from "../inspection";

/**
 * The pictures are loaded when the first one is drawn: 37 files that a first import does not have to wait for. That works without a
 * descriptor left, too.
 */
export function pictures(): typeof import("../pictures") {
  return withSpareDescriptor(() => require("../pictures"));
}

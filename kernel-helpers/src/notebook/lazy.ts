import { withSpareDescriptor } from "../inspection";

/*
 * The pictures, and who spoke to whom, are loaded when the first one is drawn: some 50 files that a first import does not have to wait for.
 * That works without a descriptor left, too.
 */

export function pictures(): typeof import("../pictures") {
  return withSpareDescriptor(() => require("../pictures"));
}

export function conversation(): typeof import("../conversation") {
  return withSpareDescriptor(() => require("../conversation"));
}

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

/** Apart from the other pictures: the library for scales takes 30 ms to load. */
export function plots(): typeof import("../pictures/plot/plot") {
  return withSpareDescriptor(() => require("../pictures/plot/plot"));
}

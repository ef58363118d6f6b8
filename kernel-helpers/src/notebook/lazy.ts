/** The pictures are loaded when the first one is drawn: 37 files that a first import does not have to wait for. */
export function pictures(): typeof import("../pictures") {
  return require("../pictures");
}

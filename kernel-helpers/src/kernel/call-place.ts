import type { Node } from "@tslab/typescript-for-tslab";
import { framesFrom } from "./frames";
import { nameOf, nodeAt, sourcePlace } from "./places/scripts";

/*
 * What the kernel tells the helpers of the place of a call. They know it as `0123456789ab:12:7 ba9876543210:3:1`: for each function of a cell
 * that the call came through, the innermost first, the fingerprint of the cell's text, and line and column of its JavaScript.
 */

/** Has an error say that it comes from that call, unless it says already where it comes from. */
export function tellPlace(error: Error, where: string): void {
  framesFrom(error, sites(where));
}

/** Whether a call stands in the cell's own course: in no function, and in no loop. */
export function standsAlone(where: string): boolean {
  const [site, ...others] = sites(where);
  if (site === undefined || others.length > 0) return false;
  const found = nodeAt(site);
  if (found === undefined) return false;
  const { ts }: typeof import("./typescript") = require("./typescript");
  for (let node: Node | undefined = found; node !== undefined; node = node.parent) {
    if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isIterationStatement(node, false)) return false;
  }
  return true;
}

function sites(where: string): string[] {
  return where.split(" ").flatMap((site) => {
    const [fingerprint = "", ...place] = site.split(":");
    const name = nameOf(fingerprint);
    const [line, column] = place.map(Number);
    // The outermost is tslab's code around the cell.
    const isOfCell = name !== undefined && sourcePlace(name, { line: line!, column: column! }) !== undefined;
    return isOfCell ? [`${name}:${place.join(":")}`] : [];
  });
}

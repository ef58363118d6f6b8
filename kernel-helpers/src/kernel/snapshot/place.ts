import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE } from "../package";

/** The folder of the snapshots: in the build, with which they go, and whoever may change that may change them. */
export const FOLDER = join(PACKAGE, "dist", ".snapshots");

/** The snapshot for a program of Node; there is one for each, because Node starts from its own only. */
export function snapshotFile(node: string): string {
  const name = createHash("sha256").update(realNode(node)).digest("hex").slice(0, 16);
  return join(FOLDER, `${name}.blob`);
}

function realNode(node: string): string {
  try {
    return realpathSync(node);
  } catch {
    return node; // It is not there. Whoever starts it will say so.
  }
}

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "./project.mjs";

/** @param {string} path @returns {string[]} the file itself, or every file below the folder, sorted */
function filesBelow(path) {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.flatMap((entry) => filesBelow(join(path, entry.name))).sort();
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOTDIR") return [path];
    throw error;
  }
}

/**
 * One short text for the names and contents of files: it changes exactly when they do.
 * Times would not do, a fresh clone gives every file the time of the clone.
 * @param {string[]} paths files and folders
 * @param {string} [more] anything else that counts
 */
export function fingerprint(paths, more = "") {
  const hash = createHash("sha256").update(more);
  for (const file of paths.flatMap(filesBelow)) {
    const content = readFileSync(file);
    hash.update(`\0${relative(root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

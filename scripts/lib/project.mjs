import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project folder, absolute and without symbolic links. Everything that is installed lies below it. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** @param {...string} names path below the project folder */
export const inProject = (...names) => join(root, ...names);

/**
 * The text of a file, or undefined when there is none.
 * @param {string} path
 */
export const textOf = (path) => bytesOf(path)?.toString("utf8");

/**
 * The same, as it is on the disk.
 * @param {string} path
 */
export function bytesOf(path) {
  try {
    return readFileSync(path);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return undefined;
    throw error;
  }
}

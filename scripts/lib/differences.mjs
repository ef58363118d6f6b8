import { join } from "node:path";
import { cellsOf, cleaned, wasRun } from "./notebook-text.mjs";
import { bytesOf } from "./project.mjs";

/**
 * @typedef {object} Difference a notebook, or a file that comes with them, which is not as the workshop ships it
 * @property {string} path below the folder of the notebooks
 * @property {Buffer} original
 * @property {Buffer | undefined} present what is there now
 * @property {string} how in words
 * @property {boolean} written somebody has written it: a run of the notebook alone is not enough
 */

/** @param {number} count @param {string} what */
const counted = (count, what) => (count > 0 ? [`${count} ${what}`] : []);

/** What somebody has written in a notebook, in words; undefined when nothing. @param {string} text @param {string} original */
function writing(text, original) {
  if (cleaned(text) === cleaned(original)) return undefined;
  const before = new Map(cellsOf(original).map((cell) => [cell.id, JSON.stringify(cell.source)]));
  const now = new Map(cellsOf(text).map((cell) => [cell.id, JSON.stringify(cell.source)]));
  const both = [...now.keys()].filter((id) => before.has(id));
  const changes = [
    ...counted(both.filter((id) => before.get(id) !== now.get(id)).length, "changed"),
    ...counted(now.size - both.length, "added"),
    ...counted(before.size - both.length, "removed"),
  ];
  return changes.length > 0 ? `cells: ${changes.join(", ")}` : "the order or the settings of cells";
}

/**
 * @param {string} path @param {Buffer} original @param {Buffer | undefined} present
 * @returns {Difference | undefined}
 */
function difference(path, original, present) {
  const found = { path, original, present };
  if (present === undefined) return { ...found, how: "missing", written: false };
  if (present.equals(original)) return undefined;
  if (!path.endsWith(".ipynb")) return { ...found, how: "changed", written: true };
  try {
    const text = present.toString("utf8");
    const how = writing(text, original.toString("utf8"));
    if (how !== undefined) return { ...found, how, written: true };
    return wasRun(text) ? { ...found, how: "run, and nothing written", written: false } : undefined;
  } catch {
    return { ...found, how: "damaged: it cannot be read as a notebook", written: true };
  }
}

/**
 * What differs in a folder of notebooks from those that the workshop ships. What else is there is the learner's own.
 * @param {string} folder
 * @param {Map<string, Buffer>} files
 * @returns {Difference[]}
 */
export const differences = (folder, files) =>
  [...files].flatMap(([path, original]) => difference(path, original, bytesOf(join(folder, path))) ?? []);

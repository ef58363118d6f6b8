import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { KEPT } from "./originals.mjs";
import { Problem } from "./problem.mjs";
import { writing } from "./refused.mjs";

/** @typedef {import("./differences.mjs").Difference} Difference */

/** @param {string} path */
const stemOf = (path) => basename(path, ".ipynb");

/**
 * The files that are named, by a number, a name or how it begins; all of them when none is.
 * @param {Map<string, Buffer>} files
 * @param {string[]} names
 */
export function chosen(files, names) {
  if (names.length === 0) return files;
  const known = [...files.keys()].filter((path) => path.endsWith(".ipynb"));
  const wanted = names.map((name) => {
    const stem = stemOf(name);
    const start = /^\d$/.test(stem) ? `0${stem}` : stem;
    const path = known.find((one) => one === `${start}.ipynb` || one.startsWith(`${start}-`));
    if (path) return path;
    const begun = start === "" ? [] : known.filter((one) => one.startsWith(start));
    if (begun[0] && begun.length === 1) return begun[0];
    if (begun.length > 1) throw new Problem(`"${name}" is how several begin: ${begun.map(stemOf).join(", ")}.`);
    throw new Problem(`There is no notebook "${name}": there are ${known.map(stemOf).join(", ")}.`);
  });
  return new Map([...files].filter(([path]) => wanted.includes(path)));
}

/** A name that says when, such as `2026-03-01 14.05.09`. @param {Date} time */
function dated(time) {
  const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join("-");
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(".")}`;
}

/** Makes a folder that was not there before. @param {string} wanted @returns {string} */
function newFolder(wanted) {
  mkdirSync(dirname(wanted), { recursive: true });
  for (let count = 1; ; count += 1) {
    const folder = count === 1 ? wanted : `${wanted} ${count}`;
    try {
      mkdirSync(folder);
      return folder;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    }
  }
}

/**
 * Copies what somebody wrote into a folder of its own, before anything is put back.
 * @param {string} folder of the notebooks
 * @param {Difference[]} found
 * @returns {string | undefined} that folder; undefined when nothing was written
 */
export function keep(folder, found) {
  const written = found.filter((one) => one.written);
  if (written.length === 0) return undefined;
  return writing(folder, () => {
    const kept = newFolder(join(folder, KEPT, dated(new Date())));
    for (const { path, present } of written) {
      mkdirSync(dirname(join(kept, path)), { recursive: true });
      writeFileSync(join(kept, path), present ?? "", { flag: "wx" });
    }
    return kept;
  });
}

/**
 * Puts the files back, each whole or not at all.
 * @param {string} folder
 * @param {Difference[]} found
 */
export function putBack(folder, found) {
  writing(folder, () => {
    for (const { path, original } of found) {
      const target = join(folder, path);
      mkdirSync(dirname(target), { recursive: true });
      const unfinished = join(dirname(target), `.${basename(path)}.${process.pid}`);
      writeFileSync(unfinished, original);
      renameSync(unfinished, target);
    }
  });
}

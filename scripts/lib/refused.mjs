import { dirname } from "node:path";
import { Problem } from "./problem.mjs";

// What the system refuses to `npm run reset`, in words of its own: it is no set-up, and what to do is another thing.

const ELSEWHERE = "copy the notebooks into a folder of your own, and name that with --folder=FOLDER.";

/** @param {unknown} error */
const systemError = (error) => /** @type {NodeJS.ErrnoException} */ (error);

/**
 * Reads in a folder of notebooks.
 * @param {string} folder @param {() => T} work @template T @returns {T}
 */
export function reading(folder, work) {
  try {
    return work();
  } catch (error) {
    const { code, path = folder } = systemError(error);
    if (code === "EACCES" || code === "EPERM") {
      throw new Problem(`You may not read ${path} (${code}), and nothing was changed: run it as the user whose it is.`);
    }
    if (code === "EISDIR") {
      throw new Problem(`${path} is a folder, where a notebook was: give it another name. Nothing was changed.`);
    }
    throw error;
  }
}

/**
 * Writes in a folder of notebooks.
 * @param {string} folder @param {() => T} work @template T @returns {T}
 */
export function writing(folder, work) {
  try {
    return work();
  } catch (error) {
    const { code, path } = systemError(error);
    // It was the folder around it that refused a new name.
    const refusing = path === undefined ? folder : dirname(path);
    if (code === "EROFS") {
      throw new Problem(`${refusing} cannot be changed, its file system is read-only (${code}): ${ELSEWHERE}`);
    }
    if (code === "EACCES" || code === "EPERM") {
      throw new Problem(
        `You may not write in ${refusing} (${code}). If it is yours, allow it with \`chmod u+wx ${JSON.stringify(refusing)}\`; otherwise ${ELSEWHERE}`,
      );
    }
    if (code === "EEXIST" || code === "ENOTDIR" || code === "EISDIR") {
      throw new Problem(`${path} is in the way (${code}): give it another name, then run the same command again.`);
    }
    if (code === "ENOSPC" || code === "EDQUOT") {
      throw new Problem(
        `The disk is full (${code}): make room, then run the same command again. Nothing that you wrote is lost.`,
      );
    }
    throw error;
  }
}

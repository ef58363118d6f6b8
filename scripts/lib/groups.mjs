import { readdirSync } from "node:fs";
import { textOf } from "./project.mjs";

// A process group is a program with all that it has started and that has not left it. Its number is that of the program.

/**
 * @param {number} group @param {NodeJS.Signals | 0} signal
 * @returns {boolean} whether there is one in it
 */
export function signalGroup(group, signal) {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    // Another user's is there, too.
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/** The state and the group that /proc says of a process: "… (name) S parent group …". @param {string} pid */
const stat = (pid) => /^.*\) (\w) \d+ (\d+) /s.exec(statText(pid) ?? "");

/** @param {string} pid */
function statText(pid) {
  try {
    return textOf(`/proc/${pid}/stat`);
  } catch {
    return undefined; // ESRCH: it ended between the opening and the reading
  }
}

/**
 * Says whether somebody of the group still does something. Where process 1 fetches nobody, as in many containers, what
 * has ended and lost its parent stays in the list for ever, and signals find it there.
 * @param {number} group
 */
export function groupIsAlive(group) {
  if (!signalGroup(group, 0)) return false;
  if (process.platform !== "linux") return true;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      const [, state = "", own] = stat(pid) ?? [];
      return Number(own) === group && !"ZX".includes(state);
    });
}

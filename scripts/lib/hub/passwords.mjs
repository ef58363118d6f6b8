import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { Problem } from "../problem.mjs";
import { textOf } from "../project.mjs";

/** JupyterHub takes no shorter ones (SharedPasswordAuthenticator). */
const LEAST = { password: 8, admin_password: 32 };

/** Without letters and digits that look alike: it is read from a screen and typed. */
const LETTERS = "abcdefghkmnpqrstuvwxyz23456789";

/** @param {number} groups of four */
const made = (groups) =>
  Array.from({ length: groups }, () =>
    Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]).join(""),
  ).join("-");

/**
 * The password of the learners and that of the admin; they are made once, and may be changed in the file.
 * @param {string} path of a file that is root's alone
 * @returns {{ password: string, admin_password: string }}
 */
export function passwords(path) {
  const text = textOf(path);
  if (text === undefined) {
    const fresh = { password: made(3), admin_password: made(9) };
    writeFileSync(path, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600 });
    return fresh;
  }
  const wrong = () =>
    new Problem(
      `${path} must hold "password" (${LEAST.password} characters or more) and "admin_password" (${LEAST.admin_password} or more), two different ones. Delete it to get new ones.`,
    );
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    throw wrong();
  }
  for (const [name, least] of Object.entries(LEAST)) {
    if (typeof found?.[name] !== "string" || found[name].length < least) throw wrong();
  }
  if (found.password === found.admin_password) throw wrong();
  return { password: found.password, admin_password: found.admin_password };
}

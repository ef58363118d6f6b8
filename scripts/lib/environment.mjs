import { accessSync, constants } from "node:fs";
import { Problem } from "./problem.mjs";
import { inProject } from "./project.mjs";
import { findPython, isNewEnough, probe } from "./python.mjs";
import { findVenv, forgetVenv, makeVenv, pythonIn } from "./venv.mjs";

/** @typedef {import("./python.mjs").Python & { jupyterlab: string, own: boolean }} Environment `own`: our .venv */

/** @type {import("./venv.mjs").Venv} */
const OWN = { folder: ".venv", requirements: "requirements.txt", holds: "JupyterLab", shared: false };

/** @param {string} path */
function isWritable(path) {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The active conda or virtual environment, if it holds a JupyterLab 4 or newer and we may write to it.
 * @returns {Promise<Environment | undefined>}
 */
async function activeEnvironment() {
  for (const prefix of [process.env.VIRTUAL_ENV, process.env.CONDA_PREFIX]) {
    if (!prefix || prefix === inProject(OWN.folder) || !isWritable(prefix)) continue;
    const python = await probe(pythonIn(prefix));
    if (!python?.jupyterlab || !isNewEnough(python) || Number.parseInt(python.jupyterlab, 10) < 4) continue;
    return { ...python, jupyterlab: python.jupyterlab, own: false };
  }
  return undefined;
}

/** Our .venv, if it holds what requirements.txt says. @returns {Promise<Environment | undefined>} */
export async function ownEnvironment() {
  const python = await findVenv(OWN);
  return python?.jupyterlab ? { ...python, jupyterlab: python.jupyterlab, own: true } : undefined;
}

/**
 * The environment whose JupyterLab is used, as it is now; nothing is changed.
 * @returns {Promise<Environment | undefined>}
 */
export const findEnvironment = async () => (await activeEnvironment()) ?? (await ownEnvironment());

/**
 * Makes .venv from requirements.txt.
 * @param {import("./python.mjs").Python} python the one to make it with
 * @returns {Promise<Environment>}
 */
export async function makeEnvironment(python) {
  const made = await makeVenv(OWN, python);
  if (!made?.jupyterlab) {
    throw new Problem(`JupyterLab is not in ${inProject(OWN.folder)}: delete that folder and try again.`);
  }
  return { ...made, jupyterlab: made.jupyterlab, own: true };
}

/** Lets the next set-up make .venv anew: something in it is damaged. */
export const forgetEnvironment = () => forgetVenv(OWN);

/** The Python to make .venv with; throws a Problem that says what is missing. */
export async function requirePython() {
  const found = await findPython();
  if ("problem" in found) throw new Problem(found.problem);
  return found.python;
}

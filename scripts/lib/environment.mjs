import { accessSync, constants, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fingerprint } from "./fingerprint.mjs";
import { Problem } from "./problem.mjs";
import { inProject, textOf } from "./project.mjs";
import { findPython, isNewEnough, probe } from "./python.mjs";
import { run } from "./run.mjs";
import { insist, step } from "./step.mjs";

/** @typedef {import("./python.mjs").Python & { jupyterlab: string, own: boolean }} Environment `own`: our .venv */

const own = inProject(".venv");
const requirements = inProject("requirements.txt");
const mark = join(own, ".installed-from");

/** @param {string} prefix */
const pythonIn = (prefix) => join(prefix, "bin", "python");

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
    if (!prefix || prefix === own || !isWritable(prefix)) continue;
    const python = await probe(pythonIn(prefix));
    if (!python?.jupyterlab || !isNewEnough(python) || Number.parseInt(python.jupyterlab, 10) < 4) continue;
    return { ...python, jupyterlab: python.jupyterlab, own: false };
  }
  return undefined;
}

/** @param {import("./python.mjs").Python} python */
const wantedMark = ({ version: [major, minor] }) => fingerprint([requirements], `python ${major}.${minor}`);

/** Our .venv, if it holds what requirements.txt says. @returns {Promise<Environment | undefined>} */
export async function ownEnvironment() {
  const found = textOf(mark);
  if (found === undefined) return undefined;
  const python = await probe(pythonIn(own));
  if (!python?.jupyterlab || found !== wantedMark(python)) return undefined;
  return { ...python, jupyterlab: python.jupyterlab, own: true };
}

/**
 * The environment whose JupyterLab is used, as it is now; nothing is changed.
 * @returns {Promise<Environment | undefined>}
 */
export const findEnvironment = async () => (await activeEnvironment()) ?? (await ownEnvironment());

/**
 * Makes .venv from requirements.txt. An older or half-made one of ours is emptied first; one that somebody
 * made by hand (it has no mark) is kept and added to.
 * @param {import("./python.mjs").Python} python the one to make it with
 * @returns {Promise<Environment>}
 */
export async function makeEnvironment(python) {
  const clear = textOf(mark) === undefined ? [] : ["--clear"];
  await step("Making .venv for JupyterLab", async () => {
    // The base: with .venv active `python` is the one inside, which is about to be emptied.
    const ended = await run(python.base, ["-m", "venv", ...clear, own]);
    insist(ended, `Python could not make a virtual environment in ${own}: delete that folder and try again.`);
    writeFileSync(mark, "unfinished");
    // JupyterLab runs the yarn that it brings, a CommonJS file, in Node; without this Node would find our
    // package.json, take the file for a module, and JupyterLab print a page of errors at every start.
    writeFileSync(join(own, "package.json"), '{ "private": true, "type": "commonjs" }\n');
  });
  await step("Installing JupyterLab", async () => {
    const args = ["-m", "pip", "install", "--disable-pip-version-check", "--requirement", requirements];
    const ended = await run(pythonIn(own), args, { env: { ...process.env, PIP_USER: "no" } });
    insist(ended, "pip could not install JupyterLab: check the network and the disk, then run the same command again.");
  });
  const made = await probe(pythonIn(own));
  if (!made?.jupyterlab) throw new Problem(`JupyterLab is not in ${own}: delete that folder and try again.`);
  writeFileSync(mark, wantedMark(made));
  return { ...made, jupyterlab: made.jupyterlab, own: true };
}

/** The Python to make .venv with; throws a Problem that says what is missing. */
export async function requirePython() {
  const found = await findPython();
  if ("problem" in found) throw new Problem(found.problem);
  return found.python;
}

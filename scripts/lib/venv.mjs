import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fingerprint } from "./fingerprint.mjs";
import { inProject, textOf } from "./project.mjs";
import { probe } from "./python.mjs";
import { run } from "./run.mjs";
import { insist, step } from "./step.mjs";

/**
 * @typedef {object} Venv a virtual environment that the project makes for itself
 * @property {string} folder below the project folder, such as ".venv"
 * @property {string} requirements the file with its packages, all of them with hashes
 * @property {string} holds what it is for, in the words of the one who waits for it: "JupyterLab"
 */

/** @param {Venv} venv @param {...string} names */
const inside = ({ folder }, ...names) => inProject(folder, ...names);

/** Says from what the environment was made, once it is complete. @param {Venv} venv */
const markOf = (venv) => inside(venv, ".installed-from");

/** @param {string} prefix the folder of an environment */
export const pythonIn = (prefix) => join(prefix, "bin", "python");

/**
 * Major and minor version only: a newer patch version of the system's Python leaves a working environment working,
 * and to make it anew would need the network.
 * @param {Venv} venv
 * @param {import("./python.mjs").Python} python
 */
const wantedMark = ({ requirements }, { version: [major, minor] }) =>
  fingerprint([inProject(requirements)], `python ${major}.${minor}`);

/**
 * The Python of the environment, if that holds what its requirements say.
 * @param {Venv} venv
 * @returns {Promise<import("./python.mjs").Python | undefined>}
 */
export async function findVenv(venv) {
  const found = textOf(markOf(venv));
  if (found === undefined) return undefined;
  const python = await probe(pythonIn(inside(venv)));
  return python && found === wantedMark(venv, python) ? python : undefined;
}

/**
 * Makes the environment. An older or half-made one of ours is emptied first; one that somebody made by hand (it has
 * no mark) is kept and added to.
 * @param {Venv} venv
 * @param {import("./python.mjs").Python} python the one to make it with
 * @returns {Promise<import("./python.mjs").Python | undefined>} its Python
 */
export async function makeVenv(venv, python) {
  const folder = inside(venv);
  const mark = markOf(venv);
  const clear = textOf(mark) === undefined ? [] : ["--clear"];
  await step(`Making ${venv.folder} for ${venv.holds}`, async () => {
    // The base: with the environment active `python` is the one inside, which is about to be emptied.
    const ended = await run(python.base, ["-m", "venv", ...clear, folder]);
    insist(ended, `Python could not make a virtual environment in ${folder}: delete that folder and try again.`);
    writeFileSync(mark, "unfinished");
    // JupyterLab runs the yarn that it brings, a CommonJS file, in Node; without this Node would find our
    // package.json, take the file for a module, and JupyterLab print a page of errors at every start.
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "commonjs" }\n');
  });
  await step(`Installing ${venv.holds}`, async () => {
    // Nothing is built here: that would need a compiler, and fetch what no hash in our file stands for.
    const strict = ["--require-hashes", "--only-binary=:all:"];
    const args = ["-m", "pip", "install", "--disable-pip-version-check", ...strict];
    const ended = await run(pythonIn(folder), [...args, "--requirement", inProject(venv.requirements)], {
      env: { ...process.env, PIP_USER: "no" },
    });
    insist(
      ended,
      `pip could not install ${venv.holds}: check the network and the disk, then run the same command again.`,
    );
  });
  const made = await probe(pythonIn(folder));
  if (made) writeFileSync(mark, wantedMark(venv, made));
  return made;
}

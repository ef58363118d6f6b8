import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeText } from "./files.mjs";
import { fingerprint } from "./fingerprint.mjs";
import { inProject, textOf } from "./project.mjs";
import { probe } from "./python.mjs";
import { quickenImports } from "./quick-imports.mjs";
import { run } from "./run.mjs";
import { insist, step } from "./step.mjs";

/**
 * @typedef {object} Venv a virtual environment that the project makes for itself
 * @property {string} folder below the project folder, such as ".venv"
 * @property {string} requirements the file with its packages, all of them with hashes
 * @property {string} holds what it is for, in the words of the one who waits for it: "JupyterLab"
 * @property {boolean} shared those who use it may not write in it
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

/** Lets the next set-up empty the environment and make it anew. @param {Venv} venv */
export function forgetVenv(venv) {
  // Not removed: one without a mark is somebody's own, and kept.
  writeText(markOf(venv), "damaged");
}

/**
 * Runs pip with a folder for what it needs for a while: told to end, it leaves there what it has fetched, 60 MB. It is in the environment, where
 * pip can write, or nothing can be installed.
 * @param {string} prefix the folder of the environment
 * @param {(temporary: string) => string[]} args
 * @returns {Promise<import("./run.mjs").Ended>}
 */
export async function pip(prefix, args) {
  let temporary = "";
  try {
    temporary = mkdtempSync(join(prefix, ".pip-"));
  } catch (error) {
    return { code: 1, signal: null, output: error instanceof Error ? error.message : `${error}` };
  }
  const unfinished = () => rmSync(temporary, { recursive: true, force: true });
  const env = { ...process.env, PIP_USER: "no", TMPDIR: temporary };
  const ended = await run(pythonIn(prefix), ["-m", "pip", ...args(temporary)], { env, unfinished });
  unfinished();
  return ended;
}

/**
 * The words in which pip's failure has its cause. When it found no file of a package it says the same whether no
 * server answered or none had one, so it is asked for this package alone, and to say everything.
 * @param {import("./run.mjs").Ended} ended
 * @param {string} prefix the folder of the environment
 */
async function reason({ output }, prefix) {
  const wanted = /No matching distribution found for (\S+)/.exec(output)?.[1];
  if (!wanted) return output;
  const args = ["download", "-vv", "--no-deps", "--only-binary=:all:", "--retries=0", "--timeout=10"];
  const asked = await pip(prefix, (temporary) => [...args, `--dest=${temporary}`, wanted]);
  if (asked.code === 0) return output;
  const unanswered = asked.output.split("\n").filter((line) => line.includes("Could not fetch URL"));
  return unanswered.length > 0 ? unanswered.join("\n") : `No matching distribution found for ${wanted}`;
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
  await step(`Making ${venv.folder} for ${venv.holds}`, async () => {
    if (textOf(mark) !== undefined) rmSync(folder, { recursive: true });
    // Marked before anything is in it: what is broken off is ours, and is emptied the next time.
    if (!existsSync(folder)) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(mark, "unfinished");
    }
    const failed = `Python could not make a virtual environment in ${folder}`;
    const around = { python, otherwise: "delete that folder and try again; its own words are above" };
    // The base: with the environment active `python` is the one inside, which has just gone.
    insist(await run(python.base, ["-m", "venv", "--without-pip", folder]), failed, around);
    // By itself: as a part of venv it fails without a word of why.
    insist(await run(pythonIn(folder), ["-I", inProject("scripts", "lib", "own_pip.py")]), failed, around);
    // JupyterLab runs the yarn that it brings, a CommonJS file, in Node, whenever it looks at its extensions; without this Node would
    // find our package.json, take the file for a module, and JupyterLab print a page of errors.
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "commonjs" }\n');
  });
  await step(`Installing ${venv.holds}`, async () => {
    // Nothing is built here: that would need a compiler, and fetch what no hash in our file stands for.
    const strict = ["--require-hashes", "--only-binary=:all:"];
    // All that is needed stands in the file: pip need not find out what needs what, a fifth of its work.
    const args = ["install", "--disable-pip-version-check", "--progress-bar=off", "--no-deps", ...strict];
    // Python compiles what it imports, a quarter of the files, and keeps that; to compile all of them is a third of pip's work. Where it may
    // keep nothing it would compile at each start.
    const keeps = !venv.shared && !process.env.PYTHONDONTWRITEBYTECODE;
    const compile = keeps ? "--no-compile" : "--compile";
    const ended = await pip(folder, () => [...args, compile, "--requirement", inProject(venv.requirements)]);
    insist(ended, `pip could not install ${venv.holds}`, { python, words: await reason(ended, folder) });
    quickenImports(folder);
  });
  const made = await probe(pythonIn(folder));
  if (made) writeFileSync(mark, wantedMark(venv, made));
  return made;
}

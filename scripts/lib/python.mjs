import { inProject } from "./project.mjs";
import { run } from "./run.mjs";

const OLDEST = [3, 10];

const NEWEST_TRIED = [3, 14];

/** As people write it. */
export const OLDEST_PYTHON = OLDEST.join(".");

/** Those for which the pins were resolved, in words. */
export const TRIED = `${OLDEST_PYTHON} to ${NEWEST_TRIED.join(".")}`;

/**
 * @typedef {object} Python what an interpreter says of itself
 * @property {[number, number, number]} version
 * @property {string} executable absolute path
 * @property {string} base that of the interpreter which a virtual environment was made with; else the same
 * @property {string} prefix the environment's folder
 * @property {boolean} venv it can make virtual environments
 * @property {string[]} lacks modules of its own that pip and JupyterLab need and that do not load
 * @property {string | null} jupyterlab version of the JupyterLab in the same environment
 */

/**
 * Asks an interpreter what it is.
 * @param {string} program a path, or a name to look up in PATH
 * @returns {Promise<Python | string | undefined>} undefined when it is not there; its last words when it does not run
 */
async function ask(program) {
  const env = { ...process.env, PYTHONNOUSERSITE: "1" };
  const ended = await run(program, [inProject("scripts", "lib", "probe.py")], { env });
  if (ended.code === 0) return JSON.parse(lastLine(ended.output) ?? "");
  return ended.output.includes("ENOENT") ? undefined : lastLine(ended.output) || `status ${ended.code ?? ended.signal}`;
}

/**
 * Asks an interpreter what it is.
 * @param {string} program a path, or a name to look up in PATH
 * @returns {Promise<Python | undefined>} undefined when it does not run
 */
export async function probe(program) {
  const answer = await ask(program);
  return typeof answer === "string" ? undefined : answer;
}

/** @param {Python} python */
export const versionText = (python) => python.version.join(".");

/** @param {Python} python */
export function isNewEnough({ version: [major, minor] }) {
  const [oldMajor = 0, oldMinor = 0] = OLDEST;
  return major > oldMajor || (major === oldMajor && minor >= oldMinor);
}

/** Says whether the pins were resolved for it. @param {Python} python */
export function isTried({ version: [major, minor] }) {
  const [newMajor = 0, newMinor = 0] = NEWEST_TRIED;
  return major === newMajor && minor <= newMinor;
}

const NAMES = ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
const HOW = {
  linux: "on Debian or Ubuntu `sudo apt install python3 python3-venv`, on Fedora `sudo dnf install python3`",
  darwin: "`brew install python` or https://www.python.org/downloads/",
};

/** Why no environment can be made with it, as one sentence; undefined when one can. @param {Python} python */
function unfit(python) {
  const name = `Python ${versionText(python)}`;
  if (!isNewEnough(python)) return `${name} is too old, ${OLDEST_PYTHON} or newer is needed: ${how()}.`;
  if (!python.venv) {
    const [major, minor] = python.version;
    return `${name} cannot make virtual environments, its venv module is missing: on Debian or Ubuntu \`sudo apt install python${major}.${minor}-venv\`.`;
  }
  if (python.lacks.length === 0) return undefined;
  return `${name} (${python.base}) is not complete, it lacks ${python.lacks.join(", ")}: install it anew, or put another Python of ${TRIED} first in PATH.`;
}

const how = () => (process.platform === "darwin" ? HOW.darwin : HOW.linux);

/** The last line that a program printed. @param {string} output */
const lastLine = (output) => output.trim().split("\n").at(-1);

/**
 * Looks in PATH for a Python that can make our virtual environment. The first that the pins were resolved for is
 * taken, else the first of the newer ones.
 * @returns {Promise<{ python: Python } | { problem: string }>} the problem is one sentence with its remedy
 */
export async function findPython() {
  /** @type {Python[]} */
  const seen = [];
  const broken = [];
  for (const name of NAMES) {
    const python = await ask(name);
    if (typeof python === "string") broken.push(`${name} does not run: ${python}`);
    else if (python) seen.push(python);
    if (typeof python === "object" && !unfit(python) && isTried(python)) return { python };
  }
  const python = seen.find((one) => !unfit(one));
  if (python) return { python };
  const nearest = seen.find(isNewEnough) ?? seen[0];
  if (nearest) return { problem: unfit(nearest) ?? "" };
  const found = broken[0] ? ` (${broken[0]})` : "";
  return { problem: `Python ${OLDEST_PYTHON} or newer is missing${found}: ${how()}.` };
}

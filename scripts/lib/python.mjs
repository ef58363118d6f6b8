import { inProject } from "./project.mjs";
import { run } from "./run.mjs";

const OLDEST = [3, 10];

/** As people write it. */
export const OLDEST_PYTHON = OLDEST.join(".");

/**
 * @typedef {object} Python what an interpreter says of itself
 * @property {[number, number, number]} version
 * @property {string} executable absolute path
 * @property {string} base that of the interpreter which a virtual environment was made with; else the same
 * @property {string} prefix the environment's folder
 * @property {boolean} venv it can make virtual environments
 * @property {string | null} jupyterlab version of the JupyterLab in the same environment
 */

/**
 * Asks an interpreter what it is.
 * @param {string} program a path, or a name to look up in PATH
 * @returns {Promise<Python | undefined>} undefined when it does not run
 */
export async function probe(program) {
  const env = { ...process.env, PYTHONNOUSERSITE: "1" };
  const ended = await run(program, [inProject("scripts", "lib", "probe.py")], { env });
  if (ended.code !== 0) return undefined;
  return JSON.parse(ended.output.trim().split("\n").at(-1) ?? "");
}

/** @param {Python} python */
export const versionText = (python) => python.version.join(".");

/** @param {Python} python */
export function isNewEnough({ version: [major, minor] }) {
  const [oldMajor = 0, oldMinor = 0] = OLDEST;
  return major > oldMajor || (major === oldMajor && minor >= oldMinor);
}

const NAMES = ["python3", "python", "python3.13", "python3.12", "python3.11", "python3.10"];
const HOW = {
  linux: "on Debian or Ubuntu `sudo apt install python3 python3-venv`, on Fedora `sudo dnf install python3`",
  darwin: "`brew install python` or https://www.python.org/downloads/",
};

/**
 * Looks in PATH for a Python that can make our virtual environment.
 * @returns {Promise<{ python: Python } | { problem: string }>} the problem is one sentence with its remedy
 */
export async function findPython() {
  const how = process.platform === "darwin" ? HOW.darwin : HOW.linux;
  /** @type {Python[]} */
  const seen = [];
  for (const name of NAMES) {
    const python = await probe(name);
    if (python && isNewEnough(python) && python.venv) return { python };
    if (python) seen.push(python);
  }
  const withoutVenv = seen.find(isNewEnough);
  if (withoutVenv) {
    const [major, minor] = withoutVenv.version;
    return {
      problem: `Python ${versionText(withoutVenv)} cannot make virtual environments, its venv module is missing: on Debian or Ubuntu \`sudo apt install python${major}.${minor}-venv\`.`,
    };
  }
  if (seen[0]) {
    return { problem: `Python ${versionText(seen[0])} is too old, ${OLDEST_PYTHON} or newer is needed: ${how}.` };
  }
  return { problem: `Python ${OLDEST_PYTHON} or newer is missing: ${how}.` };
}

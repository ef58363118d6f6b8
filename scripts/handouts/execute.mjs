import { spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fingerprint } from "../lib/fingerprint.mjs";
import { jupyterEnv } from "../lib/jupyter-env.mjs";
import { Problem } from "../lib/problem.mjs";
import { inProject, root, textOf } from "../lib/project.mjs";
import { step } from "../lib/step.mjs";
import { cellsOf, sourceOf } from "./minutes.mjs";

const SCRIPT = inProject("scripts", "handouts", "execute.py");

/** Everything on which the outputs of every notebook depend, beside the notebook itself. */
const FOR_ALL = [
  inProject("kernel-helpers", "src"),
  inProject("kernel-helpers", "package.json"),
  inProject("package-lock.json"),
  inProject("requirements.txt"),
  inProject("scripts", "handouts", "execute.py"),
  inProject("scripts", "handouts", "execute.mjs"),
];

/** The width of an A4 page between its margins (build.py), in the pixels of a picture whose smallest letters have 8 points there. */
const PICTURE_WIDTH = "634";
/** The height of a Letter page, the lower one, with a line above the picture that says whence it comes. */
const PICTURE_HEIGHT = "875";

/**
 * @typedef {object} Notebook
 * @property {string} name
 * @property {string} file
 * @property {string} executed where it lies with its outputs
 */

/**
 * One text for all on which the outputs of a notebook depend.
 * @param {Notebook} notebook
 * @param {string} data folder with what notebooks read
 */
function mark(notebook, data) {
  return fingerprint([...FOR_ALL, notebook.file, ...(existsSync(data) ? [data] : [])]);
}

/** Where a cell stands: the heading above it. @param {string} file @param {string} id */
function headingAbove(file, id) {
  let heading = "";
  for (const cell of /** @type {Array<import("./minutes.mjs").Cell & { id: string }>} */ (cellsOf(file))) {
    if (cell.cell_type === "markdown") heading = [...sourceOf(cell).matchAll(/^#+ (.+)$/gm)].at(-1)?.[1] ?? heading;
    if (cell.id === id) break;
  }
  return heading;
}

/**
 * @param {string} python
 * @param {NodeJS.ProcessEnv} env
 * @param {Notebook} notebook
 * @param {(text: string) => void} tell gets on which cell it is
 */
async function run(python, env, notebook, tell) {
  const child = spawn(python, [SCRIPT, notebook.file, notebook.executed], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = () => child.kill("SIGTERM");
  process.once("exit", stop);
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  /** @type {{ cell: string, count: number, total: number, failed?: string } | undefined} */
  let last;
  createInterface({ input: child.stdout }).on("line", (line) => {
    last = JSON.parse(line);
    if (last) tell(`${last.count} of ${last.total} cells`);
  });
  const code = await new Promise((resolve) => {
    child.once("error", () => resolve(127));
    child.once("close", resolve);
  });
  process.off("exit", stop);
  if (last?.failed !== undefined) {
    process.stderr.write(`\n${last.failed}\n\n`);
    const where = `cell ${last.count} of ${last.total}, "${last.cell}", below "${headingAbove(notebook.file, last.cell)}"`;
    throw new Problem(`${notebook.file}: ${where}: failed. No handouts were written.`);
  }
  if (code !== 0) {
    process.stderr.write(`\n${errors}\n`);
    throw new Problem(`${notebook.file} could not be run. No handouts were written.`);
  }
}

/**
 * Runs the notebooks that have changed, one after the other: their figures are those of a machine that does nothing else.
 * @param {import("../lib/environment.mjs").Environment} environment
 * @param {Notebook[]} notebooks
 * @returns {Promise<number>} how many have run
 */
export async function executeChanged(environment, notebooks) {
  const size = { SOCKET_WORKSHOP_PICTURE_WIDTH: PICTURE_WIDTH, SOCKET_WORKSHOP_PICTURE_HEIGHT: PICTURE_HEIGHT };
  const env = { ...jupyterEnv(environment.prefix), ...size };
  // It warns when the folder above its own is missing.
  mkdirSync(join(environment.prefix, "var", "socket-workshop"), { recursive: true });
  let count = 0;
  for (const notebook of notebooks) {
    const markFile = `${notebook.executed}.ran`;
    const wanted = mark(notebook, join(notebook.file, "..", "recorded"));
    if (textOf(markFile) === wanted && existsSync(notebook.executed)) continue;
    await step(`Running ${notebook.name}`, (tell) => run(environment.executable, env, notebook, tell));
    writeFileSync(markFile, wanted);
    count += 1;
  }
  return count;
}

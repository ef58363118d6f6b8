import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { inProject, textOf } from "./project.mjs";
import { OLDEST_PYTHON } from "./python.mjs";
import { run } from "./run.mjs";
import { findVenv, makeVenv } from "./venv.mjs";

/** The files with pins, without their ending: X.txt is made from X.in. */
export const PINNED = ["requirements", "test/requirements", "hub/requirements"];

/** What makes them: uv, in an environment of its own that no learner needs. @type {import("./venv.mjs").Venv} */
const RESOLVER = {
  folder: "test-artifacts/resolver",
  requirements: "test/requirements.txt",
  holds: "uv",
  shared: false,
};

/**
 * The path of uv, which is installed when it is not there.
 * @param {() => Promise<import("./python.mjs").Python>} requirePython the one to install it with
 */
export async function resolver(requirePython) {
  if (!(await findVenv(RESOLVER))) await makeVenv(RESOLVER, await requirePython());
  return inProject(RESOLVER.folder, "bin", "uv");
}

/**
 * Runs uv with the certificates that the system trusts, as pip and npm have them: those of a proxy among them. Its own are others.
 * @param {string} uv its path
 * @param {string[]} args
 */
export const runUv = (uv, args) => run(uv, ["--system-certs", ...args]);

/** @param {string} name one of PINNED */
export const hashOfInput = (name) =>
  createHash("sha256")
    .update(readFileSync(inProject(`${name}.in`)))
    .digest("hex");

/** @param {string} name one of PINNED */
export const header = (
  name,
) => `# Made by \`npm run pins\` from ${name}.in: change that file, not this one. CONTRIBUTING.md says how.
# sha256 of ${name}.in: ${hashOfInput(name)}
`;

/**
 * Writes a file of pins for every supported Python and platform at once. What the file has pinned already stays, as
 * far as the input allows.
 * @param {string} uv its path
 * @param {string} name one of PINNED
 * @param {string} output path of the file
 * @param {string[]} more arguments for uv
 */
export async function compile(uv, name, output, more = []) {
  const fixed = ["--universal", "--generate-hashes", `--python-version=${OLDEST_PYTHON}`, "--only-binary=:all:"];
  const quiet = ["--quiet", "--no-config", "--no-header", "--no-python-downloads", "--color=never"];
  const ended = await runUv(uv, [
    ...["pip", "compile", ...fixed, ...quiet, ...more],
    ...[`${name}.in`, `--output-file=${output}`],
  ]);
  if (ended.code === 0) writeFileSync(output, header(name) + textOf(output));
  return ended;
}

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { git, gitLine } from "./git.mjs";
import { cleaned } from "./notebook-text.mjs";
import { Problem } from "./problem.mjs";
import { inProject } from "./project.mjs";

// Where the notebooks as the workshop ships them are to be had. In a clone git has them, even after a learner has
// committed work of their own. A folder from a zip has them once only, before anybody works in it: the first set-up
// keeps a copy.

/** @typedef {{ from: string, files: Map<string, Buffer> }} Originals `from`: in words; `files`: by path below notebooks/ */

/** Where `npm run reset` keeps what a learner wrote, below the folder of the notebooks. */
export const KEPT = "before-reset";

export const notebooks = inProject("notebooks");

/** The copies of this version. A newer one that is unpacked over this folder brings notebooks of its own. */
const copies = () => {
  const { version } = JSON.parse(readFileSync(inProject("package.json"), "utf8"));
  return inProject(".originals", version);
};

/** @param {string} path @param {Buffer} content */
function asShipped(path, content) {
  if (!path.endsWith(".ipynb")) return content;
  try {
    return Buffer.from(cleaned(content.toString("utf8")));
  } catch {
    return content;
  }
}

/** @param {string} folder @returns {Map<string, Buffer>} */
function filesIn(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  const shipped = paths.filter((path) => !path.split(sep).some((name) => name.startsWith(".") || name === KEPT)).sort();
  return new Map(shipped.map((path) => [path, asShipped(path, readFileSync(join(folder, path)))]));
}

/**
 * The commit up to which this clone is the workshop's own history: what a learner has committed since is theirs.
 * @returns {{ commit: string, branch: string } | undefined} undefined when git or a remote is missing
 */
function shippedCommit() {
  for (const remote of ["@{upstream}", "origin/HEAD"]) {
    const commit = gitLine(["merge-base", "HEAD", remote]);
    const branch = gitLine(["rev-parse", "--abbrev-ref", remote]);
    // The repository may be one around this folder, which knows nothing of it.
    if (commit && branch && git(["cat-file", "-e", `${commit}:./notebooks`])) return { commit, branch };
  }
  return undefined;
}

/** @param {string} commit @returns {Map<string, Buffer> | undefined} */
function filesOf(commit) {
  const listed = git(["ls-tree", "-r", "-z", "--name-only", `${commit}:./notebooks`]);
  if (listed === undefined) return undefined;
  const paths = listed.toString("utf8").split("\0").filter(Boolean);
  return new Map(
    paths.map((path) => [
      path,
      asShipped(path, git(["cat-file", "blob", `${commit}:./notebooks/${path}`]) ?? Buffer.of()),
    ]),
  );
}

/** Keeps a copy of the notebooks at the first set-up, unless git has them. */
export function keepOriginals() {
  const folder = copies();
  if (existsSync(folder) || shippedCommit()) return;
  const unfinished = `${folder}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  for (const path of filesIn(notebooks).keys())
    cpSync(join(notebooks, path), join(unfinished, path), { recursive: true });
  renameSync(unfinished, folder);
}

/**
 * The notebooks as the workshop ships them, for a folder of notebooks.
 * @param {string} folder the project's own, or the one of a learner to whom they were copied from there
 * @param {string} [commit] to take them from
 * @returns {Originals}
 */
export function originals(folder, commit) {
  if (commit !== undefined) {
    const files = filesOf(commit);
    if (files) return { from: `commit ${commit}`, files };
    throw new Problem(`git has no notebooks of "${commit}" here: give a commit, a tag or a branch of this clone.`);
  }
  if (folder !== notebooks) return { from: notebooks, files: filesIn(notebooks) };
  const shipped = shippedCommit();
  const files = shipped && filesOf(shipped.commit);
  if (files) return { from: `commit ${shipped.commit.slice(0, 7)}, the last that is also in ${shipped.branch}`, files };
  const kept = copies();
  if (existsSync(kept)) return { from: `the copies in ${kept}, made by the first \`npm start\``, files: filesIn(kept) };
  throw new Problem(
    "This folder has no copies of the workshop's notebooks: the first `npm start` makes them. Has nobody worked in the notebooks yet? Then there is nothing to put back. Otherwise unpack what you have downloaded once more, elsewhere, and take the notebooks from there.",
  );
}

import { git, gitLine } from "./git.mjs";
import { root } from "./project.mjs";

const CLEAN = "filter.socket-workshop.clean";

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * What git runs in a shell, in the top folder of the repository. The script is named from there, so that the folder
 * may move. The Node that is used now comes first; when it is gone, the one in PATH; and when there is none, or
 * the script is missing in an older commit, the notebook passes as it is.
 * @param {string} prefix from the top folder to the project's, empty or with a slash at its end
 */
function command(prefix) {
  const script = quoted(`${prefix}scripts/clean-notebook.mjs`);
  const start = '[ -f "$script" ] && command -v "$node" >/dev/null && exec "$node" "$script"';
  return `script=${script}; for node in ${quoted(process.execPath)} node; do ${start}; done; exec cat`;
}

/**
 * Tells git, in a clone of the workshop, to look at notebooks without their outputs and counts: what a learner has
 * run is no change, and what they have written is a small one. `.gitattributes` names the filter, and git wants its
 * command in the clone's own configuration.
 * @param {string} [folder] the project's
 */
export function setUpNotebookFilter(folder = root) {
  // A zip that was unpacked somewhere inside another repository is no part of that.
  if (git(["ls-files", "--error-unmatch", ".gitattributes"], folder) === undefined) return;
  if (configure(folder)) forgetRuns(folder);
  else {
    console.error(
      "– `git diff` will show the outputs of notebooks that you run: the configuration of this clone, .git/config, cannot be written.",
    );
  }
}

/** @param {string} folder */
function configure(folder) {
  const wanted = command(gitLine(["rev-parse", "--show-prefix"], folder) ?? "");
  if (gitLine(["config", "--local", CLEAN], folder) === wanted) return true;
  return git(["config", "--local", CLEAN, wanted], folder) !== undefined;
}

/**
 * Tells git that notebooks which were only run are unchanged. `git diff` knows, but `git status` and `git pull` take
 * a file of another size for a changed one without a look at it (2.39). Adding it again gives the index its new
 * size: the content that is there already.
 * @param {string} [folder] the project's
 */
export function forgetRuns(folder = root) {
  const suspected = git(["diff-files", "--name-only", "--relative", "-z", "--", "notebooks/*.ipynb"], folder);
  for (const path of suspected?.toString("utf8").split("\0").filter(Boolean) ?? []) {
    if (git(["diff", "--quiet", "--", path], folder) !== undefined) git(["add", "--", path], folder);
  }
}

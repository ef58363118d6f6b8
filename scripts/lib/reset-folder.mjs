import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { notebooks } from "./originals.mjs";
import { Problem } from "./problem.mjs";
import { reading } from "./refused.mjs";

/**
 * Where somebody stands who types a path. npm goes to the project's folder before it runs a script; what it says of that
 * is inherited by whatever `npm start` runs, too, such as the terminals of JupyterLab, where it means nothing.
 */
const typedIn = () => (process.env.npm_lifecycle_event === "reset" ? process.env.INIT_CWD : undefined) ?? process.cwd();

const WHICH =
  "--folder=FOLDER names the folder in which your notebooks are; without it those of the workshop are meant";

/** @param {string} folder one that is there, or a new one */
const howToCopy = (folder) =>
  `To have the notebooks there: \`cp -r ${JSON.stringify(`${notebooks}/.`)} ${JSON.stringify(folder)}\`.`;

/**
 * The folder that is named, absolute. Neither it nor anything in it is made: a mistyped name would make one.
 * @param {string} name
 */
export function namedFolder(name) {
  if (name.trim() === "") throw new Problem(`--folder= names nothing. ${WHICH}.`);
  const folder = resolve(typedIn(), name);
  try {
    reading(folder, () => readdirSync(folder));
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === "ENOENT")
      throw new Problem(`There is no folder ${folder}, and none was made. ${WHICH}. ${howToCopy(folder)}`);
    if (code === "ENOTDIR") throw new Problem(`${folder} is no folder. ${WHICH}.`);
    throw error;
  }
  return folder;
}

/**
 * Refuses a folder without any of the notebooks: it is not where somebody works in them.
 * @param {string} folder @param {Map<string, Buffer>} files
 */
export function insistOnNotebooks(folder, files) {
  const present = reading(folder, () => readdirSync(folder));
  if (present.some((name) => name.endsWith(".ipynb") && files.has(name))) return;
  throw new Problem(
    `None of the workshop's notebooks is in ${folder}, and nothing was changed. ${WHICH}. ${howToCopy(folder)}`,
  );
}

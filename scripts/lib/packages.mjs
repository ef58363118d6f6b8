import { existsSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { Problem } from "./problem.mjs";
import { inProject, textOf } from "./project.mjs";
import { run } from "./run.mjs";
import { insist, step } from "./step.mjs";

/**
 * @typedef {"start" | "all"} Kind which packages: those a learner needs, or also those of the tests
 * @typedef {{ version?: string, integrity?: string, dev?: boolean, optional?: boolean,
 *             os?: string[], cpu?: string[], libc?: string[] }} Locked
 */

/**
 * Says whether an entry of package-lock.json must be installed here. Packages for other platforms are
 * optional ones with an `os` and `cpu`; those with a `libc` come in two and npm picks one.
 * @param {Locked} entry
 * @param {Kind} kind
 */
function isNeeded(entry, kind) {
  if (entry.dev && kind === "start") return false;
  if (!entry.optional) return true;
  const here = entry.os?.includes(process.platform) && entry.cpu?.includes(process.arch);
  return Boolean(here && !entry.libc);
}

const lockfile = inProject("package-lock.json");
/** What npm keeps of what it has installed, in the same form. */
const record = inProject("node_modules", ".package-lock.json");

/** @param {string} path @returns {Record<string, Locked>} */
const locked = (path) => JSON.parse(textOf(path) ?? '{"packages":{}}').packages;

/**
 * Compares the lockfile with the record that npm keeps of what it installed. npm writes that record when
 * an installation is complete, so one that was broken off counts as missing.
 * @param {Kind} kind
 */
export function packagesAreCurrent(kind) {
  const installed = locked(record);
  return Object.entries(locked(lockfile)).every(([path, entry]) => {
    if (path === "" || !isNeeded(entry, kind)) return true;
    const found = installed[path];
    if (found?.version !== entry.version || found?.integrity !== entry.integrity) return false;
    // npm does not know of what somebody has deleted since.
    return existsSync(inProject(path, "package.json"));
  });
}

/** The next installation does all of it again. */
export const forgetPackages = () => rmSync(record, { force: true });

/** How npm is started: that which runs us, else the one in PATH. @returns {Promise<[program: string, first: string[]]>} */
export async function findNpm() {
  const npm = process.env.npm_execpath ?? "";
  if (basename(npm).startsWith("npm-cli")) return [process.execPath, [npm]];
  if ((await run("npm", ["--version"])).code === 127) {
    const how = process.platform === "linux" ? "on Debian or Ubuntu `sudo apt install npm`, or " : "";
    throw new Problem(`npm is missing: ${how}install Node.js from https://nodejs.org, which brings it.`, "missing");
  }
  return ["npm", []];
}

/** Says whether package-lock.json has a package of this name. @param {string} name */
export const isLocked = (name) => `node_modules/${name}` in locked(lockfile);

/**
 * What installs the npm packages of the lockfile, and does nothing where they are there. Where npm is needed and missing this throws: before
 * anything is begun.
 * @param {Kind} kind
 * @returns {Promise<() => Promise<void>>}
 */
export async function packageInstaller(kind) {
  if (packagesAreCurrent(kind)) return async () => {};
  const [program, first] = await findNpm();
  const which = kind === "start" ? "--omit=dev" : "--include=dev";
  return () =>
    step("Installing npm packages", async () => {
      const args = [...first, "ci", which, "--no-audit", "--no-fund", "--loglevel=warn"];
      // Broken off, it may have written its record before anybody has read what it says.
      const ended = await run(program, args, { unfinished: forgetPackages });
      // npm 11 on a full disk warns of every file that it could not write, and ends as if all were there.
      const broken = ended.code !== 0 || ended.output.includes("TAR_ENTRY_ERROR");
      if (broken) forgetPackages();
      insist({ ...ended, code: broken ? 1 : 0 }, "npm could not install the packages");
    });
}

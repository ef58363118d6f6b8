import { basename } from "node:path";
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

/** @param {string} path @returns {Record<string, Locked>} */
const locked = (path) => JSON.parse(textOf(path) ?? '{"packages":{}}').packages;

/**
 * Compares the lockfile with the record that npm keeps of what it installed. npm writes that record when
 * an installation is complete, so one that was broken off counts as missing.
 * @param {Kind} kind
 */
export function packagesAreCurrent(kind) {
  const installed = locked(inProject("node_modules", ".package-lock.json"));
  return Object.entries(locked(inProject("package-lock.json"))).every(([path, entry]) => {
    if (path === "" || !isNeeded(entry, kind)) return true;
    const found = installed[path];
    return found !== undefined && found.version === entry.version && found.integrity === entry.integrity;
  });
}

/** Installs the npm packages of the lockfile unless they are there. @param {Kind} kind */
export async function installPackages(kind) {
  if (packagesAreCurrent(kind)) return;
  const npm = process.env.npm_execpath ?? "";
  const [program, first] = basename(npm).startsWith("npm-cli") ? [process.execPath, [npm]] : ["npm", []];
  const which = kind === "start" ? "--omit=dev" : "--include=dev";
  await step("Installing npm packages", async () => {
    const ended = await run(program, [...first, "ci", which, "--no-audit", "--no-fund"]);
    insist(
      ended,
      "npm could not install the packages: check the network and the disk, then run the same command again.",
    );
  });
}

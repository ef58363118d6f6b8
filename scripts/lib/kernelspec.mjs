import { existsSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { writeJson } from "./files.mjs";
import { inProject, textOf } from "./project.mjs";
import { installProvisioner, provisionerIsInstalled } from "./provisioner.mjs";

/** The program of our kernel. */
export const launcher = inProject("kernel-helpers", "dist", "kernel", "launcher.js");

/** The names of the first kernel, and of the one in a network of its own. */
const FIRST = "tslab";
const SECOND = "tslab-own-network";

/** @param {string} prefix the folder of a Python environment @param {string} [name] of the kernel */
export const specPath = (prefix, name = FIRST) => join(prefix, "share", "jupyter", "kernels", name, "kernel.json");

/**
 * Tells Jupyter in this environment how to start our kernels. Absolute paths: neither `node` nor `tslab`
 * need be in PATH when JupyterLab runs.
 * @param {string} prefix
 */
export async function installSpecs(prefix) {
  const built = createRequire(import.meta.url)(inProject("kernel-helpers", "dist", "kernel", "spec.js"));
  const paths = { node: process.execPath, launcher };
  writeJson(specPath(prefix), built.kernelSpec(paths));
  if (await installProvisioner(prefix)) writeJson(specPath(prefix, SECOND), built.kernelSpec(paths, "own"));
  else rmSync(dirname(specPath(prefix, SECOND)), { recursive: true, force: true });
}

/**
 * Says whether the kernel of this environment is ours: that of this folder, with a Node that is there.
 * @param {string} prefix
 */
export const specIsOurs = (prefix) => isOurs(prefix, FIRST);

/**
 * The same of the kernel in a network of its own, and of the package that starts it.
 * @param {string} prefix
 */
export const secondIsOurs = (prefix) => isOurs(prefix, SECOND) && provisionerIsInstalled(prefix);

/** @param {string} prefix @param {string} name */
function isOurs(prefix, name) {
  try {
    /** @type {string[]} */
    const argv = JSON.parse(textOf(specPath(prefix, name)) ?? "{}").argv;
    const [starter, , , node] = argv.slice(-5);
    return argv.at(-2) === launcher && [launcher, starter, node].every((path) => path && existsSync(path));
  } catch {
    return false; // no argv, or not JSON: somebody else's, or damaged
  }
}

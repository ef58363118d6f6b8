import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { writeJson } from "./files.mjs";
import { inProject, textOf } from "./project.mjs";

/** The program of our kernel. */
export const launcher = inProject("kernel-helpers", "dist", "kernel", "launcher.js");

/** @param {string} prefix the folder of a Python environment */
export const specPath = (prefix) => join(prefix, "share", "jupyter", "kernels", "tslab", "kernel.json");

/**
 * Tells Jupyter in this environment how to start our kernel. Absolute paths: neither `node` nor `tslab`
 * need be in PATH when JupyterLab runs.
 * @param {string} prefix
 */
export function installSpec(prefix) {
  const built = createRequire(import.meta.url)(inProject("kernel-helpers", "dist", "kernel", "spec.js"));
  writeJson(specPath(prefix), built.kernelSpec({ node: process.execPath, launcher }));
}

/**
 * Says whether the kernel of this environment is ours: that of this folder, with a Node that is there.
 * @param {string} prefix
 */
export function specIsOurs(prefix) {
  try {
    const [program, script] = JSON.parse(textOf(specPath(prefix)) ?? "{}").argv;
    return script === launcher && existsSync(launcher) && existsSync(program);
  } catch {
    return false; // no argv, or not JSON: somebody else's, or damaged
  }
}

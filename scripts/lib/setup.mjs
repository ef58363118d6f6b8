import { resolve } from "node:path";
import { findEnvironment, makeEnvironment, requirePython } from "./environment.mjs";
import { buildHelpers } from "./helpers.mjs";
import { installSpec } from "./kernelspec.mjs";
import { installDefaults } from "./lab-defaults.mjs";
import { alone, unlock } from "./lock.mjs";
import { requireNode } from "./node.mjs";
import { installPackages } from "./packages.mjs";
import { endRunning } from "./run.mjs";

/** @type {Array<[NodeJS.Signals, number]>} */
const SIGNALS = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
];

/**
 * Works alone in this folder. A signal ends the installers too: an npm that went on by itself would meet the next start.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function guarded(work) {
  const handlers = SIGNALS.map(([signal, status]) => {
    const handler = () => {
      endRunning();
      unlock();
      process.exit(status);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  try {
    return await alone(work);
  } finally {
    for (const remove of handlers) remove();
  }
}

/**
 * Brings everything into place that is missing or stale, and nothing else. What can be missing on the
 * machine is looked at before anything is installed.
 * @param {import("./packages.mjs").Kind} kind
 * @returns {Promise<import("./environment.mjs").Environment>} the environment whose JupyterLab is used
 */
export async function setUp(kind) {
  requireNode();
  return guarded(async () => {
    const found = await findEnvironment();
    const python = found ?? (await requirePython());
    await installPackages(kind);
    await buildHelpers();
    const environment = found ?? (await makeEnvironment(python));
    installSpec(environment.prefix);
    installDefaults(environment.prefix);
    return environment;
  });
}

/**
 * Brings our kernel into an environment whose JupyterLab somebody else runs.
 * @param {string} folder of the Python environment
 * @param {boolean} labDefaults set JupyterLab's defaults there too
 */
export async function setUpKernel(folder, labDefaults) {
  requireNode();
  const prefix = resolve(folder);
  await guarded(async () => {
    await installPackages("start");
    await buildHelpers();
    installSpec(prefix);
    if (labDefaults) installDefaults(prefix);
  });
}

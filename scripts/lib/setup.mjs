import { resolve } from "node:path";
import { findEnvironment, makeEnvironment, requirePython } from "./environment.mjs";
import { buildHelpers } from "./helpers.mjs";
import { installSpecs } from "./kernelspec.mjs";
import { installDefaultKernel, installDefaults } from "./lab-defaults.mjs";
import { alone, unlock } from "./lock.mjs";
import { requireNode } from "./node.mjs";
import { setUpNotebookFilter } from "./notebook-filter.mjs";
import { keepOriginals } from "./originals.mjs";
import { packageInstaller } from "./packages.mjs";
import { sideBySide } from "./side-by-side.mjs";
import { endOnSignals } from "./signals.mjs";
import { prepareSnapshot } from "./snapshot.mjs";

/**
 * Does the work alone in this folder; a signal ends it whole.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function guarded(work) {
  const backToDefault = endOnSignals(unlock);
  try {
    return await alone(work);
  } finally {
    backToDefault();
  }
}

/** What `git diff` and `npm run reset` need, before anybody works in the notebooks. */
function prepareNotebooks() {
  setUpNotebookFilter();
  keepOriginals();
}

/**
 * Brings everything into place that is missing or stale, and nothing else. What can be missing on the
 * machine is looked at before anything is installed. What npm brings and what pip brings need nothing of each other.
 * @param {import("./packages.mjs").Kind} kind
 * @param {() => Promise<import("./environment.mjs").Environment | undefined>} find an environment that is there;
 *   when there is none, .venv is made
 * @param {() => void} [meanwhile] begins what needs the npm packages and kernel-helpers alone, beside all else
 * @returns {Promise<import("./environment.mjs").Environment>} the environment whose JupyterLab is used
 */
export async function setUp(kind, find = findEnvironment, meanwhile = () => {}) {
  requireNode();
  return guarded(async () => {
    const found = await find();
    const python = found ?? (await requirePython());
    const installPackages = await packageInstaller(kind);
    const [, environment] = await sideBySide(
      async () => {
        await installPackages();
        await buildHelpers();
        meanwhile();
        await prepareSnapshot();
      },
      async () => found ?? makeEnvironment(python),
    );
    await installSpecs(environment.prefix);
    installDefaults(environment.prefix);
    prepareNotebooks();
    return environment;
  });
}

/**
 * Brings the npm packages into place, those of the tests too, and kernel-helpers if it is wanted.
 * @param {boolean} helpers
 */
export async function setUpPackages(helpers) {
  requireNode();
  await guarded(async () => {
    await (await packageInstaller("all"))();
    if (helpers) await buildHelpers();
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
    await (await packageInstaller("start"))();
    await buildHelpers();
    await installSpecs(prefix);
    await prepareSnapshot();
    prepareNotebooks();
    if (!labDefaults) return;
    installDefaults(prefix);
    installDefaultKernel(prefix);
  });
}

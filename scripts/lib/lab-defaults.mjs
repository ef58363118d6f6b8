import { join } from "node:path";
import { writeJson } from "./files.mjs";
import { textOf } from "./project.mjs";

/** Keys and values as in the schemas of JupyterLab 4.6, `share/jupyter/lab/schemas`. */
const DEFAULTS = {
  "@jupyterlab/apputils-extension:notification": { fetchNews: "false", checkForUpdates: false },
  "@jupyterlab/notebook-extension:tracker": { kernelShutdown: true, autoStartDefaultKernel: true },
};

/** @param {string} prefix the folder of a Python environment */
export const overridesPath = (prefix) => join(prefix, "share", "jupyter", "lab", "settings", "overrides.json");

/**
 * Sets the defaults of JupyterLab in this environment: no pop-up about news, a kernel ends with its notebook, and
 * a new notebook gets the default kernel without a question. Other defaults that the environment has stay; so does a file that is not plain JSON, untouched.
 * @param {string} prefix
 */
export function installDefaults(prefix) {
  merge(overridesPath(prefix), DEFAULTS, "JupyterLab may ask about news");
}

/**
 * Makes our kernel the default one of every Jupyter server in this environment; `npm start` tells only its own.
 * @param {string} prefix
 */
export function installDefaultKernel(prefix) {
  const path = join(prefix, "etc", "jupyter", "jupyter_server_config.json");
  merge(path, { MultiKernelManager: { default_kernel_name: "tslab" } }, "new notebooks get another kernel");
}

/**
 * @param {string} path of a JSON file with groups of settings
 * @param {Record<string, object>} settings
 * @param {string} otherwise what happens when they are not there
 */
function merge(path, settings, otherwise) {
  /** @type {Record<string, object>} */
  let present;
  try {
    present = JSON.parse(textOf(path) ?? "{}");
  } catch {
    console.error(`– ${path} is not plain JSON and stays as it is: ${otherwise}.`);
    return;
  }
  const merged = { ...present };
  for (const [group, values] of Object.entries(settings)) merged[group] = { ...present[group], ...values };
  writeJson(path, merged);
}

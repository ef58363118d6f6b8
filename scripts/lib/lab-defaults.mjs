import { join } from "node:path";
import { writeJson } from "./files.mjs";
import { textOf } from "./project.mjs";

/** Keys and values as in the schemas of JupyterLab 4.6, `share/jupyter/lab/schemas`. */
const DEFAULTS = {
  "@jupyterlab/apputils-extension:notification": { fetchNews: "false", checkForUpdates: false },
  "@jupyterlab/notebook-extension:tracker": { kernelShutdown: true },
};

/** @param {string} prefix the folder of a Python environment */
export const overridesPath = (prefix) => join(prefix, "share", "jupyter", "lab", "settings", "overrides.json");

/**
 * Sets the defaults of JupyterLab in this environment: no pop-up about news, and a kernel ends with its
 * notebook. Other defaults that the environment has stay; so does a file that is not plain JSON, untouched.
 * @param {string} prefix
 */
export function installDefaults(prefix) {
  const path = overridesPath(prefix);
  /** @type {Record<string, object>} */
  let present;
  try {
    present = JSON.parse(textOf(path) ?? "{}");
  } catch {
    console.error(`– ${path} is not plain JSON and stays as it is: JupyterLab may ask about news.`);
    return;
  }
  const merged = { ...present };
  for (const [plugin, settings] of Object.entries(DEFAULTS)) merged[plugin] = { ...present[plugin], ...settings };
  writeJson(path, merged);
}

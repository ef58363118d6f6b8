import { delimiter, join } from "node:path";

/**
 * The variables with which Jupyter keeps to one environment: what it writes goes below `<prefix>/var`, not
 * into HOME, and the kernels in this environment come before any other of the same name. JUPYTER_PATH is
 * the only place that Jupyter always searches first.
 * @param {string} prefix the folder of a Python environment
 * @param {NodeJS.ProcessEnv} [env] to add them to
 * @returns {NodeJS.ProcessEnv}
 */
export function jupyterEnv(prefix, env = process.env) {
  const shared = join(prefix, "share", "jupyter");
  const own = join(prefix, "var", "socket-workshop");
  return {
    ...env,
    JUPYTER_PATH: env.JUPYTER_PATH ? `${shared}${delimiter}${env.JUPYTER_PATH}` : shared,
    JUPYTERLAB_DIR: join(shared, "lab"),
    JUPYTER_CONFIG_DIR: join(own, "config"),
    JUPYTER_DATA_DIR: join(own, "data"),
    JUPYTER_RUNTIME_DIR: join(own, "runtime"),
    JUPYTERLAB_SETTINGS_DIR: join(own, "lab", "user-settings"),
    JUPYTERLAB_WORKSPACES_DIR: join(own, "lab", "workspaces"),
    IPYTHONDIR: join(own, "ipython"),
    PYTHONNOUSERSITE: "1",
  };
}

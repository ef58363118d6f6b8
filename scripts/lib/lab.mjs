import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeText } from "./files.mjs";
import { jupyterEnv } from "./jupyter-env.mjs";
import { forgetRuns } from "./notebook-filter.mjs";
import { inProject, root } from "./project.mjs";

const GRACE_MS = 10_000;

/**
 * What JupyterLab is told before the user's own arguments; of two that disagree it takes the later.
 * @param {import("./environment.mjs").Environment} environment
 */
function labArguments({ own }) {
  return [
    `--ServerApp.root_dir=${root}`,
    "--ServerApp.ip=127.0.0.1",
    "--LabApp.custom_css=True", // see installStyle
    "--MultiKernelManager.default_kernel_name=tslab",
    // Who brings an environment of their own may want its Python.
    ...(own ? ["--ServerApp.kernel_spec_manager_class=kernels.WithoutPython"] : []),
    "--log-level=WARN",
    "--LabApp.log_level=WARN",
    // Looks for language servers with `npm prefix`, which writes logs into HOME; none is used here.
    "--LanguageServerManager.autodetect=False",
    // No pings: a connection within one machine does not fall silent. And jupyter_server 2.21 asks for an answer
    // within three intervals, which tornado 6.5 shortens to one, with a warning.
    '--ServerApp.tornado_settings={"ws_ping_interval": 0}',
    // JupyterLab refuses to run as root, the usual user in a container.
    ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
  ];
}

/**
 * Puts our style where JupyterLab's pages look for it: only in the folder of its configuration, and no setting
 * names another one.
 * @param {string} configFolder
 */
function installStyle(configFolder) {
  writeText(
    join(configFolder, "custom", "custom.css"),
    readFileSync(inProject("scripts", "lib", "custom.css"), "utf8"),
  );
}

/**
 * Runs JupyterLab until it ends by itself or this process gets SIGINT, SIGTERM or SIGHUP.
 * It has a session of its own, so that Ctrl-C reaches only us: JupyterLab would ask "y/n?", while on SIGTERM
 * it shuts its kernels down and goes.
 * @param {import("./environment.mjs").Environment} environment
 * @param {string[]} args for JupyterLab
 * @returns {Promise<number>} exit status; 0 after a signal
 */
export function runLab(environment, args) {
  const env = jupyterEnv(environment.prefix);
  installStyle(env.JUPYTER_CONFIG_DIR ?? "");
  const child = spawn(
    environment.executable,
    [inProject("scripts", "lib", "lab.py"), ...labArguments(environment), ...args],
    {
      cwd: root,
      env,
      stdio: ["pipe", "inherit", "inherit"],
      detached: true,
    },
  );
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    console.log("\nEnding JupyterLab and its kernels …");
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), GRACE_MS).unref();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      forgetRuns();
      resolve(stopping ? 0 : (code ?? 1));
    });
  });
}

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { forgetEnvironment } from "./environment.mjs";
import { writeText } from "./files.mjs";
import { jupyterEnv } from "./jupyter-env.mjs";
import { forgetRuns } from "./notebook-filter.mjs";
import { inProject, root } from "./project.mjs";

const GRACE_MS = 10_000;

/** With this status lab.py ends when the environment lacks something that JupyterLab needs. */
const DAMAGED = 70;

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
    [inProject("scripts", "lib", "lab.py"), JSON.stringify({ own: environment.own, node: process.execPath }), ...args],
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
      if (code === DAMAGED && environment.own) forgetEnvironment();
      resolve(stopping ? 0 : (code ?? 1));
    });
  });
}

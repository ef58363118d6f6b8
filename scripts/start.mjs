import { runLab } from "./lib/lab.mjs";
import { runMain } from "./lib/problem.mjs";
import { versionText } from "./lib/python.mjs";
import { setUp } from "./lib/setup.mjs";

// npm start: sets up what is missing, then opens the workshop in JupyterLab. Arguments go to JupyterLab.
await runMain(async () => {
  const environment = await setUp("start");
  const where = environment.own ? ".venv" : environment.prefix;
  console.log(
    `✓ Node ${process.versions.node}, Python ${versionText(environment)}, JupyterLab ${environment.jupyterlab} (${where})`,
  );
  console.log("  Starting JupyterLab. Ctrl-C here ends it and its kernels.");
  return runLab(environment, process.argv.slice(2));
});

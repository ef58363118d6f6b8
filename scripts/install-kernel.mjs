import { parseArgs } from "node:util";
import { specPath } from "./lib/kernelspec.mjs";
import { readOptions } from "./lib/options.mjs";
import { Problem, runMain } from "./lib/problem.mjs";
import { setUpKernel } from "./lib/setup.mjs";

// For those who run a JupyterLab of their own, and for Binder: the npm packages, the build and our kernel
// spec, nothing else.
//   node scripts/install-kernel.mjs [--prefix=FOLDER] [--lab-defaults]
// FOLDER is that of the Python environment, by default the active one (`~/.local` makes it the kernel of every
// JupyterLab of this user); --lab-defaults also sets JupyterLab's defaults there, as `npm start` does.
await runMain(async () => {
  const { values } = readOptions(
    () => parseArgs({ options: { prefix: { type: "string" }, "lab-defaults": { type: "boolean" } } }),
    "Use: node scripts/install-kernel.mjs [--prefix=FOLDER] [--lab-defaults]",
  );
  const prefix = values.prefix ?? process.env.VIRTUAL_ENV ?? process.env.CONDA_PREFIX;
  if (!prefix) throw new Problem("No environment is active: activate one, or name its folder with --prefix=FOLDER.");
  await setUpKernel(prefix, values["lab-defaults"] ?? false);
  console.log(`✓ ${specPath(prefix)}`);
  return 0;
});

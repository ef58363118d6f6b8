import { createRequire } from "node:module";
import { findEnvironment } from "./environment.mjs";
import { lacking, missing, there } from "./finding.mjs";
import { helpersAreBuilt } from "./helpers.mjs";
import { secondIsOurs, specIsOurs } from "./kernelspec.mjs";
import { nodeProblem } from "./node.mjs";
import { packagesAreCurrent } from "./packages.mjs";
import { inProject } from "./project.mjs";
import { enterOwnNetwork } from "./provisioner.mjs";
import { findPython, isTried, TRIED, versionText } from "./python.mjs";
import { run } from "./run.mjs";

const BY_START = "run `npm start` once, it does this";

function node() {
  const problem = nodeProblem();
  return problem ? missing(problem) : there(`Node ${process.versions.node}`);
}

/**
 * The Python that JupyterLab runs in, or that `npm start` would make its environment with.
 * @param {import("./environment.mjs").Environment | undefined} environment
 */
async function python(environment) {
  if (environment) return there(`Python ${versionText(environment)}`);
  const found = await findPython();
  if ("problem" in found) return missing(found.problem);
  const text = `Python ${versionText(found.python)}`;
  if (isTried(found.python)) return there(text);
  return lacking(
    `${text} is newer than those that the packages are made for (${TRIED}): \`npm start\` tries it. If that fails, install one of them beside it`,
  );
}

function packages() {
  if (packagesAreCurrent("start")) return there("npm packages");
  return missing(`npm packages are not installed, or not those of package-lock.json: ${BY_START}`);
}

function koffi() {
  try {
    const library = createRequire(inProject("package.json"))("koffi").load(null);
    const pid = library.func("int getpid()")();
    if (pid === process.pid) return there("koffi calls libc");
    return missing("koffi calls libc, but getpid() is wrong: delete node_modules, then run `npm start`");
  } catch {
    return missing(`koffi does not load: ${BY_START}; if it does not help, delete node_modules first`);
  }
}

function helpers() {
  return helpersAreBuilt() ? there("kernel-helpers built") : missing(`kernel-helpers is not built: ${BY_START}`);
}

/**
 * Whether JupyterLab is there, and all that it needs: its modules are loaded as `npm start` loads them, which takes a
 * second.
 * @param {import("./environment.mjs").Environment | undefined} environment
 */
async function jupyterlab(environment) {
  if (!environment) return missing(`JupyterLab is not installed: ${BY_START}`);
  const { executable, own, prefix } = environment;
  const env = { ...process.env, PYTHONNOUSERSITE: "1", PYTHONDONTWRITEBYTECODE: "1" };
  const { code, output } = await run(executable, [inProject("scripts", "lib", "workshop_lab.py")], { env });
  if (code === 0) return there(`JupyterLab ${environment.jupyterlab} in ${prefix}`);
  const words = output.trim().split("\n").at(-1);
  const remedy = own
    ? "run `npm start` twice: the first finds this too, the second makes it anew"
    : "install JupyterLab anew in it";
  return missing(`JupyterLab does not load, ${prefix} is damaged (${words}): ${remedy}`);
}

/** @param {import("./environment.mjs").Environment | undefined} environment */
function kernelSpec(environment) {
  if (environment && specIsOurs(environment.prefix)) return there("Kernel spec tslab");
  return missing(`The kernel spec tslab is not installed, or that of another folder or Node: ${BY_START}`);
}

/**
 * The kernel that everything else works without.
 * @param {import("./environment.mjs").Environment | undefined} environment
 */
async function secondKernel(environment) {
  const kernel = 'The kernel "TypeScript (a network of its own)"';
  if (process.platform !== "linux") return lacking(`${kernel} exists on Linux only`);
  if (!environment || !secondIsOurs(environment.prefix)) return lacking(`${kernel} is not installed: ${BY_START}`);
  // As it starts (own_network.py in provisioner/).
  const { code, output } = await run(environment.executable, ["-I", "-S", enterOwnNetwork]);
  if (code === 0) return there("Kernel spec tslab-own-network");
  return lacking(`${kernel} does not start. ${output.trim().replace(/\s*\n\s*/g, " ")}`);
}

/** What is installed, each as one finding. Changes nothing, and runs when nothing is installed. */
export async function checkInstalled() {
  const environment = await findEnvironment();
  return [
    node(),
    await python(environment),
    packages(),
    koffi(),
    helpers(),
    await jupyterlab(environment),
    kernelSpec(environment),
    await secondKernel(environment),
  ];
}

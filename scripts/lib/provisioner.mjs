import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fingerprint } from "./fingerprint.mjs";
import { inProject, textOf } from "./project.mjs";
import { run } from "./run.mjs";
import { step } from "./step.mjs";
import { pythonIn } from "./venv.mjs";

/** The Python package that starts the second kernel. */
const source = inProject("provisioner");

/** @param {string} prefix */
const markIn = (prefix) => join(prefix, "share", "socket-workshop", "provisioner");

/**
 * Installs the package that starts the kernel "TypeScript (a network of its own)", unless it is there. It needs
 * nothing from a registry: what it builds with (flit-core) and builds on (jupyter_client) is in our environments.
 * @param {string} prefix the folder of a Python environment
 * @returns {Promise<boolean>} false where it cannot be had, which is told; everything else works without it
 */
export async function installProvisioner(prefix) {
  if (process.platform !== "linux") return false;
  const wanted = fingerprint([join(source, "pyproject.toml"), join(source, "socket_workshop_kernel")]);
  if (textOf(markIn(prefix)) === wanted) return true;
  const python = pythonIn(prefix);
  const lost = 'the kernel "TypeScript (a network of its own)" is not installed';
  if (!existsSync(python)) {
    console.error(`– ${prefix} is no Python environment (it has no bin/python): ${lost}.`);
    return false;
  }
  const ended = await step("Installing the second kernel", () => {
    const local = ["--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"];
    const args = ["-m", "pip", "install", ...local, "--force-reinstall", "--no-cache-dir", source];
    return run(python, args, { env: { ...process.env, PIP_USER: "no" } });
  });
  if (ended.code !== 0) {
    const words = ended.output.trim().split("\n").at(-1);
    console.error(
      `– ${lost}: \`${python} -m pip\` says "${words}". It needs flit-core and jupyter_client in that environment.`,
    );
    return false;
  }
  mkdirSync(join(markIn(prefix), ".."), { recursive: true });
  writeFileSync(markIn(prefix), wanted);
  return true;
}

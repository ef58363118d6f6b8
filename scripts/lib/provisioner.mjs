import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { writeText } from "./files.mjs";
import { fingerprint } from "./fingerprint.mjs";
import { inProject, textOf } from "./project.mjs";
import { step } from "./step.mjs";
import { pip, pythonIn } from "./venv.mjs";

/** The Python package that starts the second kernel. */
const source = inProject("provisioner");
const PACKAGE = "socket_workshop_kernel";

const wantedMark = () => fingerprint([join(source, "pyproject.toml"), join(source, PACKAGE)]);

/** @param {string} prefix */
const markIn = (prefix) => join(prefix, "share", "socket-workshop", "provisioner");

/** The folders in which an environment has its packages; Debian's system has names of its own. @param {string} prefix */
function packageFolders(prefix) {
  try {
    const versions = readdirSync(join(prefix, "lib")).filter((name) => name.startsWith("python3"));
    return versions.flatMap((name) =>
      ["site-packages", "dist-packages"].map((last) => join(prefix, "lib", name, last)),
    );
  } catch {
    return []; // no Python environment
  }
}

/**
 * Says whether the package is in the environment, as it is here. Our mark alone does not tell: another pip may have
 * removed the package, or a hand its folder.
 * @param {string} prefix the folder of a Python environment
 */
export function provisionerIsInstalled(prefix) {
  if (textOf(markIn(prefix)) !== wantedMark()) return false;
  const files = readdirSync(join(source, PACKAGE)).filter((name) => name.endsWith(".py"));
  return packageFolders(prefix).some(
    (folder) =>
      files.every((name) => textOf(join(folder, PACKAGE, name)) === textOf(join(source, PACKAGE, name))) &&
      // Jupyter finds the provisioner by what the package says of itself there.
      readdirSync(folder).some(
        (name) => name.startsWith(`${PACKAGE}-`) && existsSync(join(folder, name, "entry_points.txt")),
      ),
  );
}

/** The program that brings a kernel into a network of its own; without an argument it only tries. */
export const enterOwnNetwork = join(source, PACKAGE, "enter.py");

/**
 * Installs the package that starts the kernel "TypeScript (a network of its own)", unless it is there. It needs
 * nothing from a registry: what it builds with (flit-core) and builds on (jupyter_client) is in our environments.
 * @param {string} prefix the folder of a Python environment
 * @returns {Promise<boolean>} false where it cannot be had, which is told; everything else works without it
 */
export async function installProvisioner(prefix) {
  if (process.platform !== "linux") return false;
  if (provisionerIsInstalled(prefix)) return true;
  const python = pythonIn(prefix);
  const lost = 'the kernel "TypeScript (a network of its own)" is not installed';
  if (!existsSync(python)) {
    console.error(`– ${prefix} is no Python environment (it has no bin/python): ${lost}.`);
    return false;
  }
  const ended = await step("Installing the second kernel", () => {
    const local = ["--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"];
    return pip(prefix, () => ["install", ...local, "--force-reinstall", "--no-cache-dir", source]);
  });
  if (ended.code !== 0) {
    const words = ended.output.trim().split("\n").at(-1);
    console.error(
      `– ${lost}: \`${python} -m pip\` says "${words}". It needs flit-core and jupyter_client in that environment.`,
    );
    return false;
  }
  writeText(markIn(prefix), wantedMark());
  return true;
}

import { writeFileSync } from "node:fs";
import { fingerprint } from "../fingerprint.mjs";
import { buildHelpers } from "../helpers.mjs";
import { installSpecs, launcher } from "../kernelspec.mjs";
import { installDefaultKernel, installDefaults } from "../lab-defaults.mjs";
import { requireNode } from "../node.mjs";
import { findNpm, packageInstaller } from "../packages.mjs";
import { Problem } from "../problem.mjs";
import { inProject, root, textOf } from "../project.mjs";
import { isNewEnough, probe } from "../python.mjs";
import { run } from "../run.mjs";
import { guarded } from "../setup.mjs";
import { sideBySide } from "../side-by-side.mjs";
import { prepareSnapshot, snapshots } from "../snapshot.mjs";
import { insist, step } from "../step.mjs";
import { findVenv, makeVenv, pythonIn } from "../venv.mjs";
import { runsForLearners } from "./as-learner.mjs";

/** @type {import("../venv.mjs").Venv} */
const VENV = { folder: "hub/.venv", requirements: "hub/requirements.txt", holds: "JupyterHub", shared: true };
const prefix = inProject(VENV.folder);

/** The interpreter of the server and of the learners' servers. */
export const hubPython = pythonIn(prefix);

const PYTHONS = ["python3", "/usr/bin/python3", "/usr/local/bin/python3"];

/** A Python that every user of the machine can run: one below /root, as pyenv's, would serve root alone. */
async function requireSharedPython() {
  for (const name of PYTHONS) {
    const python = await probe(name);
    if (python?.venv && isNewEnough(python) && runsForLearners(python.base, ["-I", "-c", "import ssl, sqlite3"])) {
      return python;
    }
  }
  throw new Problem(
    "Python 3.10 or newer that every user can run is missing: on Debian or Ubuntu `sudo apt install python3 python3-venv`.",
  );
}

async function installProxy() {
  const wanted = fingerprint([inProject("hub", "package-lock.json")]);
  const mark = inProject("hub", "node_modules", ".installed-from");
  if (textOf(mark) === wanted) return;
  const [program, first] = await findNpm();
  await step("Installing the proxy", async () => {
    const args = ["ci", `--prefix=${inProject("hub")}`, "--ignore-scripts", "--no-audit", "--no-fund"];
    insist(await run(program, [...first, ...args]), "npm could not install the proxy");
    writeFileSync(mark, wanted);
  });
}

/** Everything that a learner's server reads must be open to learners, and closed to their writing. */
function insistOnAccess() {
  if (!runsForLearners(process.execPath, ["-e", ""])) {
    throw new Problem(
      `Other users cannot run ${process.execPath}: install Node.js for the whole machine, for example below /usr or /opt.`,
    );
  }
  const open = `chmod -R go+rX,go-w ${JSON.stringify(root)}`;
  const look = `require("fs").readFileSync(${JSON.stringify(launcher)})`;
  if (
    !runsForLearners(process.execPath, ["-e", look]) ||
    !runsForLearners(hubPython, ["-I", "-c", "import jupyterhub"])
  )
    throw new Problem(
      `Other users cannot read ${root}: move it to a folder such as /opt that they can enter, and run \`${open}\`.`,
    );
  const places = [root, inProject("hub"), prefix, inProject("notebooks"), inProject("node_modules"), snapshots];
  const write = `process.exit(${JSON.stringify(places)}.some((p) => { try { require("fs").accessSync(p, 2); return true; } catch { return false; } }) ? 0 : 1)`;
  if (runsForLearners(process.execPath, ["-e", write])) {
    throw new Problem(`Every user could change what others run in ${root}: run \`${open}\` first.`);
  }
}

/** Brings everything into place that a server for a class needs, and looks whether learners can use it. */
export async function setUpHub() {
  requireNode();
  // Root's may be closed to others, and what is installed now is for others.
  process.umask(0o022);
  await guarded(async () => {
    const python = (await findVenv(VENV)) ? undefined : await requireSharedPython();
    const installPackages = await packageInstaller("start");
    await sideBySide(
      async () => {
        await installPackages();
        await buildHelpers();
        await installProxy();
        await prepareSnapshot();
      },
      async () => python && makeVenv(VENV, python),
    );
    await installSpecs(prefix);
    installDefaults(prefix);
    installDefaultKernel(prefix);
  });
  insistOnAccess();
}

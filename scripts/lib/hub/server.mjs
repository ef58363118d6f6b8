import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { writeJson } from "../files.mjs";
import { Problem } from "../problem.mjs";
import { inProject } from "../project.mjs";
import { run } from "../run.mjs";
import { insist } from "../step.mjs";
import { hubPython } from "./setup.mjs";

const START_MS = 120_000;
const LOOK_AGAIN_MS = 200;
const GRACE_MS = 60_000;

/** The group of the accounts that the server makes; hub/workshop/accounts.py. */
export const GROUP = "socket-workshop";

/** Where useradd, userdel and groupadd are. */
const SYSTEM_FOLDERS = ["/usr/sbin", "/sbin"];

/**
 * Throws a Problem unless root runs this, and sees to it that root's programs are found: who has become root with `su`
 * alone has the PATH of who they were (Debian), and JupyterHub would find no useradd when the first learner logs in.
 * @param {string} command
 */
export function requireRoot(command) {
  if (process.platform !== "linux") throw new Problem("A server for a class runs on Linux only.");
  if (process.getuid?.() !== 0)
    throw new Problem(`Only root can start each learner's server as that learner: \`sudo ${command}\`.`);
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  process.env.PATH = [...folders, ...SYSTEM_FOLDERS.filter((folder) => !folders.includes(folder))].join(delimiter);
}

/** Makes the group of learners' accounts unless it is there. @returns {Promise<boolean>} whether it was made */
export async function makeGroup() {
  if ((await run("getent", ["group", GROUP])).code === 0) return false;
  insist(await run("groupadd", ["--force", GROUP]), `groupadd could not make the group ${GROUP}`);
  return true;
}

/**
 * Makes a folder that is root's alone, with what is in it: a `chmod -R` over the project opens that, too, and JupyterHub then
 * refuses its cookie secret.
 * @param {string} path
 */
export function privateFolder(path) {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o700);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isFile()) chmodSync(join(path, entry.name), 0o600);
  }
  return path;
}

/**
 * Starts JupyterHub. It has a session of its own, so that Ctrl-C reaches only us, and the order of the end is its own.
 * @param {string} state the folder of its database and secrets
 * @param {object} settings as in hub/workshop/settings.py
 * @param {{ quiet?: boolean }} [options] `quiet`: what it says is kept, not shown
 */
export function startHub(state, settings, { quiet = false } = {}) {
  const file = join(state, "settings.json");
  // The folder is root's alone, so is what it holds.
  writeJson(file, { node: process.execPath, state, ...settings });
  const env = { ...process.env, SOCKET_WORKSHOP_HUB: file, PYTHONNOUSERSITE: "1" };
  const args = ["-m", "jupyterhub", "--config", inProject("hub", "jupyterhub_config.py"), "--log-level=WARN"];
  return spawn(hubPython, args, {
    cwd: state,
    env,
    // It ends when this pipe does, so with this process, however that ends.
    stdio: ["pipe", quiet ? "pipe" : "inherit", quiet ? "pipe" : "inherit"],
    detached: true,
  });
}

/**
 * Ends JupyterHub, and with it the learners' servers and their kernels. Told once: a second SIGTERM, such as npm's, which passes on
 * the Ctrl-C that the terminal has sent us already, makes JupyterHub leave before they have ended.
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<void>} settles when it is gone
 */
export async function endHub(child) {
  const runs = () => child.exitCode === null && child.signalCode === null;
  if (!child.pid || !runs()) return;
  const end = once(child, "exit");
  child.kill("SIGTERM");
  await Promise.race([end, pause(GRACE_MS, undefined, { ref: false })]);
  if (runs()) process.kill(-child.pid, "SIGKILL");
}

/**
 * Waits until JupyterHub answers.
 * @param {import("node:child_process").ChildProcess} child
 * @param {number} port that of the hub itself
 * @returns {Promise<boolean>} false when it has ended before, or does not answer
 */
export async function isReady(child, port) {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/hub/health`).catch(() => undefined);
    if (answer?.ok) return true;
    await pause(LOOK_AGAIN_MS);
  }
  return false;
}

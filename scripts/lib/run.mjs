import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { groupIsAlive, signalGroup } from "./groups.mjs";
import { root } from "./project.mjs";

/** @typedef {{ code: number | null, signal: NodeJS.Signals | null, output: string }} Ended */
/**
 * @typedef {{ child: import("node:child_process").ChildProcess, leads: boolean, unfinished: () => void }} Running `leads`: it has a
 *   process group of its own
 */

/** @type {Set<Running>} */
const running = new Set();

/** What has been told to end gets so long for it. npm 11 unpacks on for more than 6 s; the next one empties what it leaves. */
const GRACE_MS = 3000;
const LOOK_AGAIN_MS = 20;

let ending = false;

/**
 * Runs a program in the project folder and waits for its end. Its output is collected, not shown.
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, show?: boolean, unfinished?: () => void }} [options] `show`: output goes to the terminal instead;
 *   `unfinished`: done when it was broken off, and is gone
 * @returns {Promise<Ended>} code null and a signal when it was ended, code 127 when it could not be started
 */
export function run(program, args, { env = process.env, show = false, unfinished = () => {} } = {}) {
  return new Promise((resolve) => {
    // What waits for a program goes no further once all is broken off.
    if (ending) return;
    // Where this process answers a signal itself, Ctrl-C in the terminal reaches it alone, and it ends what it runs: npm
    // has programs of its own. Elsewhere Ctrl-C must reach them all.
    const leads = !show && process.listenerCount("SIGINT") > 0;
    /** @type {import("node:child_process").StdioOptions} */
    const stdio = show ? "inherit" : ["ignore", "pipe", "pipe"];
    const child = spawn(program, args, { cwd: root, env, stdio, detached: leads });
    const started = { child, leads, unfinished };
    running.add(started);
    let output = "";
    const collect = (/** @type {string} */ text) => {
      output += text;
    };
    child.stdout?.setEncoding("utf8").on("data", collect);
    child.stderr?.setEncoding("utf8").on("data", collect);
    const settle = (/** @type {Ended} */ ended) => {
      running.delete(started);
      if (!ending) resolve(ended);
    };
    child.once("error", (error) => settle({ code: 127, signal: null, output: error.message }));
    child.once("close", (code, signal) => settle({ code, signal, output }));
  });
}

/** @param {Running} one @returns {Promise<void>} */
async function breakOff(one) {
  await end(one);
  one.unfinished();
}

/** @param {Running} one @returns {Promise<void>} */
async function end({ child, leads }) {
  const { pid } = child;
  if (pid === undefined) return;
  const signal = (/** @type {NodeJS.Signals} */ name) => (leads ? signalGroup(pid, name) : child.kill(name));
  const runs = () => (leads ? groupIsAlive(pid) : child.exitCode === null && child.signalCode === null);
  signal("SIGTERM");
  for (const deadline = Date.now() + GRACE_MS; runs() && Date.now() < deadline; ) await pause(LOOK_AGAIN_MS);
  if (!runs()) return;
  signal("SIGKILL");
  // Nothing withstands it, but a disk that does not answer can hold a process.
  for (const deadline = Date.now() + GRACE_MS; runs() && Date.now() < deadline; ) await pause(LOOK_AGAIN_MS);
}

/**
 * Ends the programs that `run` has started, with all that they have started, and waits until they are gone. Nothing that
 * waits for one goes on, and no other is started.
 */
export async function endRunning() {
  ending = true;
  await Promise.all([...running].map(breakOff));
}

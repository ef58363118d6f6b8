import { spawn } from "node:child_process";
import { root } from "./project.mjs";

/** @typedef {{ code: number | null, signal: NodeJS.Signals | null, output: string }} Ended */

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

/**
 * Runs a program in the project folder and waits for its end. Its output is collected, not shown.
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, show?: boolean }} [options] `show`: output goes to the terminal instead
 * @returns {Promise<Ended>} code null and a signal when it was ended, code 127 when it could not be started
 */
export function run(program, args, { env = process.env, show = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, env, stdio: show ? "inherit" : ["ignore", "pipe", "pipe"] });
    running.add(child);
    let output = "";
    const collect = (/** @type {string} */ text) => {
      output += text;
    };
    child.stdout?.setEncoding("utf8").on("data", collect);
    child.stderr?.setEncoding("utf8").on("data", collect);
    child.once("error", (error) => {
      running.delete(child);
      resolve({ code: 127, signal: null, output: error.message });
    });
    child.once("close", (code, signal) => {
      running.delete(child);
      resolve({ code, signal, output });
    });
  });
}

/** Ends the programs that `run` has started. */
export function endRunning() {
  for (const child of running) child.kill("SIGTERM");
}

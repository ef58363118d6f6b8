import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { kernelCommand as ourCommand } from "../../../kernel-helpers/dist/kernel/spec.js";
import { portRange } from "../port-range.js";

/** The project's root directory. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Which kernel to start: our launcher, or tslab as it comes from npm. */
export type Spec = "ours" | "stock";

/** How a process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const running = new Set<ChildProcess>();

// The last resort: the test runner itself ends while a kernel is alive.
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/**
 * V8 of Node 20 optimises what is used a little, on threads of its own, which take a third of all that the stock kernel takes: 9.9 s of processor
 * time for notebook 02, twice, and not 13.9. Ours sees to that itself (kernel/optimising.ts). It is the same tslab: only `npm run bench` has it
 * as it comes.
 */
const SPARING = Number.parseInt(process.versions.v8, 10) < 12 ? ["--interrupt-budget=1000000"] : [];

/** The command line of the stock kernel without the options that spare the processor. */
export const asItComes = (own: string[]): string[] => own.filter((word) => !SPARING.includes(word));

/** The command line of a kernel, as a kernel.json would give it. */
export function kernelCommand(spec: Spec, connectionFile: string): string[] {
  if (spec === "ours") {
    const command = ourCommand({ node: process.execPath, launcher: `${ROOT}kernel-helpers/dist/kernel/launcher.js` });
    return command.with(-1, connectionFile);
  }
  const guard = fileURLToPath(new URL("end-with-parent.cjs", import.meta.url));
  const tslab = `${ROOT}node_modules/tslab/bin/tslab`;
  return [process.execPath, ...SPARING, "--require", guard, tslab, "kernel", "--config-path", connectionFile];
}

/** A child process with its exit as a promise and what it wrote to its own stdout and stderr. */
export class KernelProcess {
  readonly exited: Promise<Exit>;
  /** Resolves when nobody, child processes included, holds the process's stdout and stderr any more. */
  readonly closed: Promise<void>;
  readonly child: ChildProcess;
  log = "";

  constructor(command: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
    const [file, ...args] = command;
    const child = spawn(file!, args, {
      cwd,
      env: { ...cleanEnvironment(), SOCKET_WORKSHOP_PORTS: portRange(), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    running.add(child);
    child.stdout!.on("data", (data) => {
      this.log += data;
    });
    child.stderr!.on("data", (data) => {
      this.log += data;
    });
    this.closed = new Promise((resolve) => child.once("close", () => resolve()));
    this.exited = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        running.delete(child);
        resolve({ code, signal });
      });
    });
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }
}

const TEST_RUNNER = /^(VITEST.*|NODE_ENV|NODE_OPTIONS|TEST|BASE_URL|MODE|DEV|PROD|SSR)$/;

/** The environment without what the test runner added to it: a kernel started by Jupyter does not have it. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !TEST_RUNNER.test(name));
  return Object.fromEntries(entries);
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** How a child process ended, and all that it printed to either stream. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
}

/** A child process whose output is kept. */
export class Child {
  readonly process: ChildProcess;
  output = "";
  /** Settles when the child and all that hold its output, its own children with it, are gone. */
  readonly ended: Promise<Ended>;

  /** In a process group of its own, so that a signal to the group is what Ctrl-C in a terminal is. */
  constructor(program: string, args: string[], cwd: string, env: NodeJS.ProcessEnv) {
    this.process = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
        this.process.emit("output");
      });
    }
    this.ended = once(this.process, "close").then(([code, signal]) => ({ code, signal, output: this.output }));
  }

  /** Waits until the output matches. Rejects when the child ends without, or with the signal. */
  async printed(pattern: RegExp, signal: AbortSignal): Promise<RegExpExecArray> {
    let over = false;
    void this.ended.then(() => {
      over = true;
      this.process.emit("output");
    });
    for (;;) {
      const match = pattern.exec(this.output);
      if (match) return match;
      if (over) throw new Error(`ended without ${pattern}:\n${this.output}`);
      await once(this.process, "output", { signal }).catch((error: unknown) => {
        throw new Error(`no ${pattern} in time:\n${this.output}`, { cause: error });
      });
    }
  }

  /** Sends a signal to the child and its process group. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error("did not start");
    return this.process.pid;
  }
}

/** The environment of a new user: this one without any trace of a Python environment, npm or Jupyter. */
export function newUser(home: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const foreign = /^(npm_|NPM_|JUPYTER|IPYTHON|VIRTUAL_ENV|CONDA|WORKSHOP_|VITEST|NODE_)/;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(kept), HOME: home, ...more };
}

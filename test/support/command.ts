import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** How a command ended, and all that it printed to either stream. */
export interface CommandEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
}

/** A command as somebody runs it in a terminal. What it prints is kept. */
export class Command {
  readonly process: ChildProcess;
  output = "";
  /** Settles when it and all that hold its output, its children with it, are gone. */
  readonly ended: Promise<CommandEnd>;

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

  /** Waits until the output matches. Rejects when it ends without, or with the signal. */
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

  /** Sends a signal to it and its process group, as Ctrl-C does. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  /** Ends it and its process group, if it still runs. */
  end(): void {
    if (this.process.exitCode === null && this.process.signalCode === null) this.signalGroup("SIGTERM");
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error("did not start");
    return this.process.pid;
  }
}

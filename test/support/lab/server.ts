import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Addresses, addresses } from "../addresses.js";
import { PROJECT } from "../child.js";
import { Command } from "../command.js";
import { newUser } from "../new-user.js";
import { descendants, isAlive, type Process } from "../processes.js";
import { PATIENCE_MS } from "../time.js";
import { temporaryFolder } from "./folders.js";

/** How JupyterLab ended after Ctrl-C. */
export interface LabEnd {
  code: number | null;
  output: string;
  /** Those of its processes, kernels among them, that live on. */
  left: string[];
  /** What it has written into HOME. */
  home: string[];
}

/** JupyterLab, started as `npm start` does, by a user whose HOME is empty. */
export class LabServer {
  private constructor(
    readonly child: Command,
    readonly addresses: Addresses,
    private readonly home: string,
  ) {}

  static async start(): Promise<LabServer> {
    const home = temporaryFolder("home");
    const settings = temporaryFolder("settings");
    const args = [
      "--no-browser",
      "--port=0",
      "--expose-app-in-browser", // for the driver: what the page shows does not tell when a kernel is idle
      `--LabApp.user_settings_dir=${settings}`,
      `--LabApp.workspaces_dir=${temporaryFolder("workspaces")}`, // no tabs that somebody left open
    ];
    withoutAutosave(settings);
    // The project has its snapshot, so the kernels start from it, as a learner's do.
    const user = newUser(home, { SOCKET_WORKSHOP_SNAPSHOT: "" });
    const child = new Command(process.execPath, ["scripts/start.mjs", ...args], PROJECT, user);
    try {
      return new LabServer(child, await addresses(child, AbortSignal.timeout(PATIENCE_MS)), home);
    } catch (error) {
      child.end();
      throw error;
    }
  }

  /** The kernels of this workshop that run. */
  kernels(): Process[] {
    return descendants(this.child.pid).filter(({ command }) => /\blauncher\.js\b/.test(command));
  }

  /** Ends it as Ctrl-C does, and kills what does not end in time. */
  async stop(): Promise<LabEnd> {
    const processes = descendants(this.child.pid);
    this.child.signalGroup("SIGINT");
    const timer = setTimeout(() => {
      for (const { pid } of processes.filter(({ pid }) => isAlive(pid))) process.kill(pid, "SIGKILL");
      this.child.process.kill("SIGKILL");
    }, PATIENCE_MS);
    const { code, output } = await this.child.ended;
    clearTimeout(timer);
    const left = processes.filter(({ pid }) => isAlive(pid)).map(({ command }) => command);
    return { code, output, left, home: readdirSync(this.home) };
  }
}

/** Notebooks that tests open are not written back. Everything else stays as a new user has it. */
function withoutAutosave(settings: string): void {
  const folder = join(settings, "@jupyterlab", "docmanager-extension");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "plugin.jupyterlab-settings"), JSON.stringify({ autosave: false }));
}

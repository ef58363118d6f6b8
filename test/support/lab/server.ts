import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { Child, newUser } from "../../start/child.js";
import { PROJECT } from "../child.js";
import { temporaryFolder } from "./folders.js";

const START_MS = 40_000;
const END_MS = 15_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** Waits until somebody listens: JupyterLab prints its address before it does, and nothing afterwards. */
async function listening(port: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch (error) {
      signal.throwIfAborted();
      if ((error as NodeJS.ErrnoException).code !== "ECONNREFUSED") throw error;
    } finally {
      socket.destroy();
    }
  }
}

/** A process and its command line. */
interface Process {
  pid: number;
  command: string;
}

/** The processes that descend from one, itself left out. */
function descendants(ancestor: number): Process[] {
  const rows = execFileSync("ps", ["-e", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).trimEnd().split("\n");
  const all = rows.map((row) => {
    const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s(.*)$/.exec(row) ?? [];
    return { pid: Number(pid), parent: Number(parent), command };
  });
  const below = (parent: number): typeof all =>
    all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return below(ancestor);
}

function isAlive({ pid }: Process): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

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
    readonly child: Child,
    /** The address that it has printed, token and first notebook included. */
    readonly url: string,
    private readonly home: string,
  ) {}

  static async start(): Promise<LabServer> {
    const home = temporaryFolder("home");
    const settings = temporaryFolder("settings");
    const port = await freePort();
    const args = [
      "--no-browser",
      `--port=${port}`,
      "--expose-app-in-browser", // for the driver: what the page shows does not tell when a kernel is idle
      `--LabApp.user_settings_dir=${settings}`,
      `--LabApp.workspaces_dir=${temporaryFolder("workspaces")}`, // no tabs that somebody left open
    ];
    withoutAutosave(settings);
    const child = new Child(process.execPath, ["scripts/start.mjs", ...args], PROJECT, newUser(home));
    const signal = AbortSignal.timeout(START_MS);
    try {
      const [url] = await child.printed(new RegExp(`http://127\\.0\\.0\\.1:${port}/\\S*\\?token=\\w+`), signal);
      await listening(port, signal);
      return new LabServer(child, url, home);
    } catch (error) {
      child.signalGroup("SIGTERM");
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
      for (const { pid } of processes.filter(isAlive)) process.kill(pid, "SIGKILL");
      this.child.process.kill("SIGKILL");
    }, END_MS);
    const { code, output } = await this.child.ended;
    clearTimeout(timer);
    const left = processes.filter(isAlive).map(({ command }) => command);
    return { code, output, left, home: readdirSync(this.home) };
  }
}

/** Notebooks that tests open are not written back. Everything else stays as a new user has it. */
function withoutAutosave(settings: string): void {
  const folder = join(settings, "@jupyterlab", "docmanager-extension");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "plugin.jupyterlab-settings"), JSON.stringify({ autosave: false }));
}

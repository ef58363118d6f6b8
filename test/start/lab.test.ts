import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addresses } from "../support/addresses.js";
import { Command } from "../support/command.js";
import { newUser } from "../support/new-user.js";
import { isAlive } from "../support/processes.js";
import { PATIENCE_MS } from "../support/time.js";
import {
  addBuild,
  addEnvironment,
  addPackages,
  contents,
  copyWithoutTests,
  newFolder,
  project,
} from "./project-copy.js";

const within = () => AbortSignal.timeout(PATIENCE_MS);

let copy = "";
let home = "";
let outside = "";
let homeBefore: string[] = [];
const cleanUps: Array<() => void> = [];
const atTheEnd = (cleanUp: () => void) => void cleanUps.push(cleanUp);

/** A kernel of the same name that must not be the one that runs. */
function addRival(jupyterFolder: string): void {
  const folder = join(jupyterFolder, "kernels", "tslab");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "kernel.json"),
    JSON.stringify({ argv: ["tslab", "kernel"], display_name: "Rival", language: "typescript" }),
  );
}

/** A running JupyterLab that was started by the project's script. */
class Lab {
  private constructor(
    readonly child: Command,
    readonly url: string,
    readonly token: string,
  ) {}

  static async start(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<Lab> {
    const child = new Command(program, [...args, "--no-browser", "--port=0"], copy, env);
    atTheEnd(() => child.end());
    const { first, second, list } = await addresses(child, within());
    expect(first.pathname).toBe("/lab/workspaces/00-start-here");
    expect(second.href).toBe(`${first.origin}/lab/workspaces/01-connection-procedure${first.search}`);
    expect(list.href).toBe(`${first.origin}/lab/tree/notebooks${first.search}`);
    return new Lab(child, first.origin, first.searchParams.get("token") ?? "");
  }

  request(path: string, method = "GET", body?: unknown): Promise<Response> {
    const headers = { authorization: `token ${this.token}` };
    return fetch(`${this.url}${path}`, { method, headers, body: body ? JSON.stringify(body) : null, signal: within() });
  }

  async json<Answer>(path: string, method?: string, body?: unknown): Promise<Answer> {
    return (await (await this.request(path, method, body)).json()) as Answer;
  }

  /** Starts our kernel, runs a cell in it, and gives its process id. */
  async startKernel(): Promise<number> {
    const { id } = await this.json<{ id: string }>("/api/kernels", "POST", { name: "tslab" });
    const connection = join(copy, ".venv", "var", "socket-workshop", "runtime", `kernel-${id}.json`);
    const client = new Command(
      join(copy, ".venv", "bin", "python"),
      [join(project, "test", "start", "run_cell.py"), connection, "1 + 1"],
      copy,
      newUser(outside, { JUPYTER_PLATFORM_DIRS: "1" }),
    );
    expect(await client.ended).toEqual({ code: 0, signal: null, output: "" });
    return Number(execFileSync("pgrep", ["-f", `launcher.js .*${connection}`], { encoding: "utf8" }));
  }
}

beforeAll(() => {
  home = newFolder("home", atTheEnd);
  outside = newFolder("outside", atTheEnd);
  copy = copyWithoutTests(atTheEnd);
  addPackages(copy);
  addBuild(copy);
  addEnvironment(copy);
  addRival(join(home, ".local", "share", "jupyter"));
  addRival(join(outside, "jupyter"));
  homeBefore = contents(home);
});

afterAll(() => {
  for (const cleanUp of cleanUps.reverse()) cleanUp();
});

describe("npm start", () => {
  let lab: Lab;
  let kernel = 0;

  beforeAll(async () => {
    // npm itself keeps logs and a cache in HOME; they are sent elsewhere to see what the start writes.
    const npm = { npm_config_cache: join(outside, "npm"), npm_config_update_notifier: "false" };
    const rival = { JUPYTER_PATH: join(outside, "jupyter") };
    lab = await Lab.start("npm", ["start", "--"], newUser(home, { ...npm, ...rival }));
  });

  test("serves JupyterLab to those who have the token, and to nobody else", async () => {
    expect((await lab.request("/api/status")).status).toBe(200);
    expect((await fetch(`${lab.url}/api/status`, { signal: within() })).status).toBe(403);
  });

  test("opens the project folder", async () => {
    const { content } = await lab.json<{ content: Array<{ name: string }> }>("/api/contents/?content=1");
    expect(content.map(({ name }) => name)).toContain("package.json");
  });

  test("gives JupyterLab our kernel, with absolute paths, before others of the same name", async () => {
    const specs = "/api/kernelspecs";
    const answer = await lab.json<{ default: string; kernelspecs: Record<string, { spec: object }> }>(specs);
    const { kernelspecs } = answer;
    expect(answer.default).toBe("tslab");
    expect(kernelspecs).not.toHaveProperty("python3");
    expect(kernelspecs.tslab?.spec).toMatchObject({
      argv: [
        "/bin/sh",
        join(copy, "kernel-helpers", "bin", "kernel.sh"),
        expect.stringContaining(join(copy, "kernel-helpers", "dist", ".snapshots")),
        process.execPath,
        join(copy, "kernel-helpers", "dist", "kernel", "launcher.js"),
        "{connection_file}",
      ],
      display_name: "TypeScript (socket workshop)",
      language: "typescript",
      interrupt_mode: "signal",
    });
  });

  test.each([
    ["@jupyterlab/apputils-extension:notification", { fetchNews: "false", checkForUpdates: false }],
    ["@jupyterlab/notebook-extension:tracker", { kernelShutdown: true, autoStartDefaultKernel: true }],
  ])("sets the defaults of %s, each a setting that JupyterLab knows", async (plugin, defaults) => {
    const { schema } = await lab.json<{ schema: { properties: Record<string, object> } }>(
      `/lab/api/settings/${encodeURIComponent(plugin)}`,
    );
    for (const [name, value] of Object.entries(defaults)) {
      expect(schema.properties[name]).toMatchObject({ title: expect.any(String), default: value });
    }
  });

  test("runs a kernel", async () => {
    kernel = await lab.startKernel();
    expect(isAlive(kernel)).toBe(true);
  });

  test("ends JupyterLab and its kernels on Ctrl-C, with status 0 and without a question", async () => {
    lab.child.signalGroup("SIGINT");
    const { code, output } = await lab.child.ended;
    expect(output).not.toContain("Shut down this Jupyter server");
    expect(code).toBe(0);
    expect(isAlive(kernel)).toBe(false);
  });

  test("has written nothing into HOME", () => {
    expect(contents(home)).toEqual(homeBefore);
  });

  test("finds everything ready the second time, and ends on SIGTERM to npm alone", async () => {
    const npm = { npm_config_cache: join(outside, "npm"), npm_config_update_notifier: "false" };
    const second = await Lab.start("npm", ["start", "--"], newUser(home, npm));
    expect(second.child.output).toMatch(/✓ Node \S+, Python \S+, JupyterLab \S+ \(\.venv\)/);
    expect(second.child.output).not.toMatch(/Installing|Building|Making/);
    second.child.process.kill("SIGTERM");
    expect(await second.child.ended).toMatchObject({ code: 0 });
  });
});

test("without npm nothing is written into HOME, and JupyterLab and its kernels end when the script is killed", async () => {
  const lab = await Lab.start(process.execPath, ["scripts/start.mjs"], newUser(home));
  const kernel = await lab.startKernel();
  lab.child.process.kill("SIGKILL");
  // `ended` waits for all that hold the output, so for JupyterLab and the kernel.
  expect(await lab.child.ended).toMatchObject({ signal: "SIGKILL" });
  expect(isAlive(kernel)).toBe(false);
  expect(contents(home)).toEqual(homeBefore);
});

test("npm run check finds everything there after a start", async () => {
  const output = execFileSync(process.execPath, ["scripts/check.mjs"], {
    cwd: copy,
    env: newUser(home),
    encoding: "utf8",
  });
  expect(output).toContain("This machine is ready for the workshop.");
  expect(output).not.toContain("✗");
});

test("JupyterLab of the active environment is used, and arguments reach it", async () => {
  const other = copyWithoutTests();
  addPackages(other);
  addBuild(other);
  const env = newUser(home, { VIRTUAL_ENV: join(copy, ".venv") });
  const { code, output } = await new Command(process.execPath, ["scripts/start.mjs", "--version"], other, env).ended;
  expect(output).toMatch(/JupyterLab (\S+) \(.*\.venv\)\n(.*\n)*\1\n$/);
  expect(output).toContain(join(copy, ".venv"));
  expect(code).toBe(0);
  expect(contents(other)).not.toContain(".venv");
});

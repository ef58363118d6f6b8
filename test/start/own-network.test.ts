import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Command } from "../support/command.js";
import { newUser } from "../support/new-user.js";
import { isAlive } from "../support/processes.js";
import { newFolder, project } from "./project-copy.js";

/* The second kernel, "TypeScript (a network of its own)", in a plain Jupyter server: what conda's, Binder's or anybody's own is. */

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
const PATIENCE_MS = 60_000;
const NAME = "tslab-own-network";
const environment = process.env.WORKSHOP_PREFIX ?? join(project, ".venv");
const cleanUps: Array<() => void> = [];
const servers: Command[] = [];
const GRACE_MS = 10_000;
/** JupyterLab is half of what a server takes to start. */
const WITHOUT_LAB = JSON.stringify({ ServerApp: { jpserver_extensions: { jupyterlab: false } } });
const atTheEnd = (cleanUp: () => void) => void cleanUps.push(cleanUp);

interface Connection {
  ip: string;
  transport: string;
}

/** A Jupyter server without anything of `npm start`. */
class Server {
  private constructor(
    readonly child: Command,
    readonly url: string,
    readonly home: string,
    readonly temporary: string,
  ) {}

  static async start(wrap: string[] = [], more: NodeJS.ProcessEnv = {}): Promise<Server> {
    const home = newFolder("home", atTheEnd);
    // Short: a socket's path ends at 107 bytes; the long one has a test of its own.
    const temporary = more.TMPDIR ?? newFolder("t", atTheEnd);
    const args = [
      "-m",
      "jupyter_server",
      "--ServerApp.port=0",
      "--ServerApp.token=word",
      "--no-browser",
      "--allow-root",
    ];
    const [program = "", ...rest] = [
      ...wrap,
      join(environment, "bin", "python"),
      ...args,
      `--ServerApp.root_dir=${home}`,
    ];
    mkdirSync(join(home, ".jupyter"));
    writeFileSync(join(home, ".jupyter", "jupyter_server_config.json"), WITHOUT_LAB);
    // The project has its snapshot, so the kernels start from it, as a learner's do.
    const env = newUser(home, { TMPDIR: temporary, SOCKET_WORKSHOP_SNAPSHOT: "", ...more });
    const child = new Command(program, rest, home, env);
    servers.push(child);
    const [, url = ""] = await child.printed(/(http:\/\/127\.0\.0\.1:\d+)\//, AbortSignal.timeout(PATIENCE_MS));
    const server = new Server(child, url, home, temporary);
    // It prints its address before it listens there.
    await vi.waitFor(() => server.request("/api"), { timeout: PATIENCE_MS, interval: 100 });
    return server;
  }

  async request(path: string, method = "GET", body?: unknown): Promise<Response> {
    const headers = { authorization: "token word" };
    return fetch(`${this.url}${path}`, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  }

  /** Opens a notebook as JupyterLab does, and gives its kernel's id. */
  async openNotebook(): Promise<string> {
    const body = { path: "a.ipynb", name: "a", type: "notebook", kernel: { name: NAME } };
    const answer = await this.request("/api/sessions", "POST", body);
    const { kernel, message } = (await answer.json()) as { kernel?: { id: string }; message?: string };
    if (kernel === undefined) throw new Error(message);
    return kernel.id;
  }

  connectionFile(id: string): string {
    const folders = ["share/jupyter/runtime", ".local/share/jupyter/runtime"].map((folder) => join(this.home, folder));
    const found = folders.map((folder) => join(folder, `kernel-${id}.json`)).find((path) => existsSync(path));
    if (found === undefined) throw new Error(`no connection file in ${folders.join(", ")}`);
    return found;
  }

  connection(id: string): Connection {
    return JSON.parse(readFileSync(this.connectionFile(id), "utf8"));
  }

  pid(id: string): number {
    return Number(execFileSync("pgrep", ["-f", `launcher.js .*kernel-${id}`], { encoding: "utf8" }));
  }

  /** Runs a cell; ends with 0 when that ended well. */
  cell(id: string, code: string): Command {
    const client = [join(project, "test", "start", "run_cell.py"), this.connectionFile(id), code];
    return new Command(join(environment, "bin", "python"), client, project, newUser(this.home));
  }

  async run(id: string, code: string): Promise<void> {
    expect(await this.cell(id, code).ended).toEqual({ code: 0, signal: null, output: "" });
  }
}

const ownFolders = (temporary: string) => readdirSync(temporary).filter((name) => name.startsWith("socket-workshop-"));

afterAll(async () => {
  for (const server of servers) server.end();
  for (const server of servers) {
    // One that is just starting a kernel may not hear it.
    const late = setTimeout(() => server.signalGroup("SIGKILL"), GRACE_MS);
    await server.ended;
    clearTimeout(late);
  }
  for (const cleanUp of cleanUps.reverse()) cleanUp();
});

describe("on any Jupyter server", () => {
  let server: Server;
  let id = "";
  beforeAll(async () => {
    server = await Server.start();
    id = await server.openNotebook();
  });

  test("is listed beside the first kernel", async () => {
    const { kernelspecs } = (await (await server.request("/api/kernelspecs")).json()) as {
      kernelspecs: Record<string, { spec: { display_name: string } }>;
    };
    expect(kernelspecs.tslab?.spec.display_name).toBe("TypeScript (socket workshop)");
    expect(kernelspecs[NAME]?.spec.display_name).toBe("TypeScript (a network of its own)");
  });

  test("answers from its own network, whose loopback is up", async () => {
    const own = readlinkSync(`/proc/${server.pid(id)}/ns/net`);
    expect(own).not.toBe(readlinkSync("/proc/self/ns/net"));
    const connects = `import { socket, trace, choosePort, AF_INET, SOCK_STREAM, LOOPBACK } from "kernel-helpers";
      import { readlinkSync } from "fs";
      trace.off();
      const server = socket("server", AF_INET, SOCK_STREAM);
      server.bind(LOOPBACK, choosePort("a"));
      server.listen(1);
      const client = socket("client", AF_INET, SOCK_STREAM);
      await client.connect(LOOPBACK, choosePort("a"));
      if (readlinkSync("/proc/self/ns/net") !== "${own}") throw new Error("another network");`;
    await server.run(id, connects);
  });

  test("is reached by files in a short folder that nobody else can enter", () => {
    const { ip, transport } = server.connection(id);
    expect(transport).toBe("ipc");
    expect(dirname(dirname(ip))).toBe(server.temporary);
    expect((statSync(dirname(ip)).mode & 0o777).toString(8)).toBe("700");
    expect(readdirSync(dirname(ip)).sort()).toEqual(["k-1", "k-2", "k-3", "k-4", "k-5"]);
  });

  test("an interrupt ends its cell, and nothing else", async () => {
    const pid = server.pid(id);
    const waiting = server.cell(id, "await new Promise(() => {});").ended;
    let over = false;
    void waiting.then(() => {
      over = true;
    });
    // Until the cell runs an interrupt ends nothing; so again until it has.
    while (!over) {
      expect((await server.request(`/api/kernels/${id}/interrupt`, "POST")).status).toBe(204);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(await waiting).toEqual({ code: 1, signal: null, output: "" });
    await server.run(id, "1 + 1");
    expect(server.pid(id)).toBe(pid);
  });

  test("a restart gives a new process behind the same files", async () => {
    const [pid, { ip }] = [server.pid(id), server.connection(id)];
    expect((await server.request(`/api/kernels/${id}/restart`, "POST")).status).toBe(200);
    expect(isAlive(pid)).toBe(false);
    expect(server.connection(id).ip).toBe(ip);
    await server.run(id, "6 * 7");
    expect(server.pid(id)).not.toBe(pid);
  });

  test("is started again when it dies", async () => {
    const pid = server.pid(id);
    process.kill(pid, "SIGKILL");
    await vi.waitFor(() => expect(server.pid(id)).not.toBe(pid), { timeout: PATIENCE_MS, interval: 200 });
    await server.run(id, "6 * 7");
  });

  test("a shutdown leaves neither process nor folder", async () => {
    const [pid, { ip }] = [server.pid(id), server.connection(id)];
    expect((await server.request(`/api/kernels/${id}`, "DELETE")).status).toBe(204);
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(dirname(ip))).toBe(false);
    expect(ownFolders(server.temporary)).toEqual([]);
  });
});

test("it ends with a server that is killed, and the next server removes what that left", async () => {
  const first = await Server.start();
  const id = await first.openNotebook();
  await first.run(id, "1 + 1");
  const pid = first.pid(id);
  first.child.process.kill("SIGKILL");
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: PATIENCE_MS, interval: 100 });
  const [left = ""] = ownFolders(first.temporary);
  expect(left).not.toBe("");
  const old = new Date(Date.now() - 3_600_000);
  utimesSync(join(first.temporary, left), old, old);
  const second = await Server.start([], { TMPDIR: first.temporary });
  await second.openNotebook();
  expect(ownFolders(first.temporary)).toHaveLength(1);
  expect(ownFolders(first.temporary)).not.toContain(left);
});

test("a temporary folder whose path is too long for a socket is left alone for /tmp", async () => {
  const long = join(newFolder("t", atTheEnd), "x".repeat(90));
  mkdirSync(long);
  const server = await Server.start([], { TMPDIR: long, SOCKET_WORKSHOP_SNAPSHOT: "off" });
  const id = await server.openNotebook();
  await server.run(id, "1 + 1");
  expect(server.connection(id).ip).toMatch(/^\/tmp\/socket-workshop-/);
  await server.request(`/api/kernels/${id}`, "DELETE");
});

test("where the system gives no networks, JupyterLab is told why, and what allows them; the first kernel runs", async () => {
  // A user namespace in which no further one can be made: what an administrator's setting of 0 does.
  const forbid = [
    "unshare",
    "--user",
    "--map-root-user",
    "sh",
    "-c",
    'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"',
    "sh",
  ];
  const server = await Server.start(forbid);
  await expect(server.openNotebook()).rejects.toThrow(
    new Error(`This system gives no program a network of its own:
user.max_user_namespaces is 0 here. An administrator allows it, until the next restart, with
    sudo sysctl -w user.max_user_namespaces=15000
The kernel "TypeScript (socket workshop)" needs none of this.`),
  );
  expect(ownFolders(server.temporary)).toEqual([]);
  const answer = await server.request("/api/kernels", "POST", { name: "tslab" });
  expect(answer.status).toBe(201);
});

test("without its package Jupyter hides it, and says why", () => {
  const data = newFolder("data", atTheEnd);
  const spec = join(data, "kernels", NAME, "kernel.json");
  mkdirSync(dirname(spec), { recursive: true });
  const installed = join(environment, "share", "jupyter", "kernels", NAME, "kernel.json");
  writeFileSync(spec, readFileSync(installed, "utf8").replace("socket-workshop-own-network", "not-installed"));
  const list = "from jupyter_client.kernelspec import KernelSpecManager as M; print(sorted(M().get_all_specs()))";
  const output = execFileSync(join(environment, "bin", "python"), ["-c", list], {
    encoding: "utf8",
    env: newUser(data, { JUPYTER_PATH: data }),
    stdio: ["ignore", "pipe", "ignore"],
  });
  expect(output).toContain("'tslab'");
  expect(output).not.toContain(NAME);
});

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { classNames, removeClassUsers } from "../../scripts/lib/hub/class-users.mjs";
import { freePorts } from "../../scripts/lib/hub/free-ports.mjs";
import { letLearn } from "../../scripts/lib/hub/learners.mjs";
import { addBuild, copyWithoutTests, newFolder, project } from "../start/project-copy.js";
import { Command } from "../support/command.js";
import { fetched } from "../support/fetched.js";
import { newUser } from "../support/new-user.js";
import { descendants } from "../support/processes.js";
import { Learner, runAs } from "./learner.js";
import { type PortUse, watchPorts } from "./ports.js";

/*
 * A class on one machine, from nothing: `npm run hub` installs JupyterHub from the pinned files, three learners (in `npm run soak` ten) log in
 * at once and run notebooks 02 and 03. It makes accounts and removes them, so it wants root, as `npm run hub` does.
 */

const LEARNERS = Number(process.env.SOAK_LEARNERS ?? 3);
const NOTEBOOKS: [string, string] = ["02-bind", "03-datagrams"];
// What may be waited for on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 1_500_000 });
const PATIENCE_MS = 600_000;
const within = () => AbortSignal.timeout(PATIENCE_MS);

type Fact = Parameters<Parameters<typeof letLearn>[1]>[0];
type FactOf<What extends Fact["what"]> = Extract<Fact, { what: What }>;

const names = classNames(LEARNERS);
const [anna = "", bert = "", carl = ""] = names;
const newcomer = classNames(LEARNERS + 1).at(-1) ?? "";
const homeless = classNames(LEARNERS + 2).at(-1) ?? "";
const admin = anna.replace(/\d+$/, "admin");
const cleanUps: Array<() => void> = [];
const facts: Fact[] = [];
const other: Fact[] = [];
let copy = "";
let url = "";
let password = "";
let hub: Command;
let ports: number[] = [];
let used: PortUse = new Map();

const all = <What extends Fact["what"]>(what: What) => facts.filter((fact) => fact.what === what) as FactOf<What>[];
/** Neither a well-known port, which a notebook is refused, nor one that the system gave: it gives each to one only. */
const isChosen = (port: number) => port >= 1024 && port < 32_768;
const homeOf = (name: string) => join("/home", name);

/** Starts `npm run hub` in the copy, and waits until it says that it runs. */
async function startHub(...options: string[]): Promise<void> {
  const [port, hubPort, proxyPort] = ports;
  const own = [`--port=${port}`, `--hub-port=${hubPort}`, `--proxy-port=${proxyPort}`];
  const home = newFolder("home", (cleanUp) => cleanUps.push(cleanUp));
  // The learners' kernels start as a learner's do, from a snapshot.
  const env = newUser(home, { SOCKET_WORKSHOP_SNAPSHOT: "", ...fetched });
  hub = new Command("npm", ["run", "hub", "--", ...own, ...options], copy, env);
  cleanUps.push(() => hub.end());
  await hub.printed(/✓ JupyterHub runs: (\S+)/, within());
}

async function stopHub(): Promise<void> {
  hub.signalGroup("SIGINT");
  expect(await hub.ended).toMatchObject({ code: 0 });
}

/** The processes of an account, with their command lines. */
function processesOf(name: string): string[] {
  const { ok, output } = runAs(name, "ps", "-u", name, "-o", "pid=,args=");
  return ok
    ? output
        .trim()
        .split("\n")
        .filter((line) => !line.includes("ps -u"))
    : [];
}

beforeAll(async () => {
  if (process.getuid?.() !== 0) {
    throw new Error(
      "test/hub makes accounts of this machine and removes them: only root can run it. All other tests run as you are.",
    );
  }
  expect(await removeClassUsers()).toEqual([]);
  copy = copyWithoutTests((cleanUp) => cleanUps.push(cleanUp));
  chmodSync(copy, 0o755); // as a folder below /opt is
  // No hard links: kernels of other tests watch these files, and would take them for changed.
  cpSync(join(project, "node_modules"), join(copy, "node_modules"), { recursive: true, verbatimSymlinks: true });
  addBuild(copy);
  ports = await freePorts(3);
  url = `http://127.0.0.1:${ports[0]}`;
  await startHub("--login=shared", `--admin=${admin}`);
  [, password = ""] = await hub.printed(/the password for all of them is (\S+)/, within());

  const watching = watchPorts();
  const { done } = letLearn({ url, names, password, notebooks: NOTEBOOKS }, (fact) => facts.push(fact), copy);
  expect(await done, JSON.stringify(all("error"))).toBe(0);
  used = watching.stop();
  const two = letLearn(
    { url, names: [anna, bert], password, notebooks: [], more: ["--second", "--keep"] },
    (fact) => facts.push(fact),
    copy,
  );
  expect(await two.done, JSON.stringify(all("error"))).toBe(0);
  const third = { url, names: [carl], password, notebooks: ["00-start-here"], more: ["--keep"] };
  expect(await letLearn(third, (fact) => other.push(fact), copy).done, JSON.stringify(other)).toBe(0);
});

afterAll(async () => {
  if (hub !== undefined) {
    hub.end();
    await hub.ended;
  }
  for (const cleanUp of cleanUps.reverse()) cleanUp();
  expect(await removeClassUsers()).toEqual([]);
});

describe(`${LEARNERS} learners at once`, () => {
  test("every cell of every notebook ends well, for all of them", () => {
    const ran = all("notebook");
    expect(
      ran.flatMap(({ learner, notebook, failed }) => failed.map((cell) => ({ learner, notebook, ...cell }))),
    ).toEqual([]);
    expect(ran.map(({ learner, notebook }) => `${learner} ${notebook}`).sort()).toEqual(
      names.flatMap((name) => NOTEBOOKS.map((notebook) => `${name} ${notebook}`)).sort(),
    );
    for (const { cells } of ran) expect(cells).toBeGreaterThan(20);
  });

  test("no port is shared: each learner's lie in a range of their own, as the trace and the system say", () => {
    const ofLearner = new Map(names.map((name) => [name, new Set<number>()]));
    for (const { learner, ports: traced } of all("notebook")) {
      for (const port of traced.filter(isChosen)) ofLearner.get(learner)?.add(port);
    }
    const ranges = [...ofLearner.values()].map((mine) => [Math.min(...mine), Math.max(...mine)] as const);
    ranges.sort(([a], [b]) => a - b);
    ranges.forEach(([first, last], index) => {
      expect(last - first).toBeLessThan(200);
      if (index > 0) expect(first).toBeGreaterThan(ranges[index - 1]![1]);
      expect(last).toBeLessThan(32_768);
    });
    // What listened or received anywhere below the ports of clients, looked at all the while.
    const seen = [...used].filter(([, owners]) => names.some((name) => owners.has(name)));
    expect(seen.length).toBeGreaterThan(LEARNERS);
    // Others of this machine, such as the kernels of a test beside this one, may have had it before or after.
    for (const [port, owners] of seen) {
      expect([port, [...owners].filter((owner) => names.includes(owner))]).toEqual([port, [expect.any(String)]]);
    }
  });

  test("no kernel listens on a port: what it publishes would be open to every learner", () => {
    const kernels = processesOf(carl).filter((line) => line.includes("launcher.js"));
    expect(kernels).toHaveLength(1);
    expect(kernels[0]).toContain(`--snapshot-blob ${join(copy, "kernel-helpers", "dist", ".snapshots")}/`);
    const pid = kernels[0]!.trim().split(" ")[0];
    expect(readdirSync(`/proc/${pid}/fd`).length).toBeGreaterThan(10);
    expect(execFileSync("ss", ["-Hltnup"], { encoding: "utf8" })).not.toContain(`pid=${pid},`);
  });

  test("the second kernel answers from a network of its own", () => {
    const networks = all("second").map(({ status, network }) => {
      expect(status).toBe("ok");
      return network;
    });
    expect(networks).toHaveLength(2);
    expect(
      new Set([...networks, execFileSync("readlink", ["/proc/self/ns/net"], { encoding: "utf8" }).trim()]).size,
    ).toBe(3);
  });
});

describe("one learner and another's files", () => {
  const connectionFile = () => {
    const folder = join(homeOf(anna), ".local", "share", "jupyter", "runtime");
    const [file = ""] = readdirSync(folder).filter((name) => /^kernel-.*\.json$/.test(name));
    return join(folder, file);
  };
  const socketFile = () => `${JSON.parse(readFileSync(connectionFile(), "utf8")).ip}-${1}`;
  const server = () =>
    processesOf(anna)
      .find((line) => line.includes("singleuser"))
      ?.trim()
      .split(" ")[0];

  test.each<[string, () => string[]]>([
    ["the home folder", () => ["ls", homeOf(anna)]],
    ["a notebook", () => ["cat", join(homeOf(anna), "notebooks", `${NOTEBOOKS[0]}.ipynb`)]],
    ["a kernel's connection file", () => ["cat", connectionFile()]],
    ["the folder of a kernel's sockets", () => ["ls", join(socketFile(), "..")]],
    ["the environment of the server, with its token", () => ["cat", `/proc/${server()}/environ`]],
  ])("%s: only its owner reads it", (_, command) => {
    const [program = "", ...args] = command();
    expect(runAs(anna, program, ...args)).toMatchObject({ ok: true });
    expect(runAs(bert, program, ...args)).toMatchObject({ ok: false, output: expect.stringMatching(/denied/i) });
  });

  test("what all share and what is the server's: no learner writes the one or reads the other", () => {
    const shared = ["", "hub", "hub/.venv/bin", "notebooks", "node_modules", "kernel-helpers/dist", "scripts/lib"];
    for (const folder of shared) {
      expect(runAs(bert, "touch", join(copy, folder, "mine")), folder).toMatchObject({ ok: false });
      expect(existsSync(join(copy, folder, "mine"))).toBe(false);
    }
    for (const file of ["passwords.json", "cookie_secret", "jupyterhub.sqlite", "settings.json"]) {
      expect(existsSync(join(copy, "hub", "state", file)), file).toBe(true);
      expect(runAs(bert, "cat", join(copy, "hub", "state", file)), file).toMatchObject({ ok: false });
    }
  });
});

test("what learners' servers import is compiled beforehand: none of them could keep it", () => {
  const lib = join(copy, "hub", ".venv", "lib");
  const packages = join(lib, readdirSync(lib).find((name) => name.startsWith("python3")) ?? "", "site-packages");
  for (const name of ["jupyter_server", "jupyterhub", "jupyterlab_server", "nbconvert", "tornado"]) {
    const files = readdirSync(join(packages, name)).filter((file) => file.endsWith(".py"));
    const compiled = readdirSync(join(packages, name, "__pycache__")).map((file) => file.replace(/\..*/, ".py"));
    expect(files, name).not.toEqual([]);
    expect([...new Set(compiled)].sort(), name).toEqual(files.sort());
  }
});

describe("the notebooks of a learner", () => {
  const notebook = (name: string) => join(homeOf(name), "notebooks", `${NOTEBOOKS[0]}.ipynb`);

  test("are the workshop's, and theirs alone", () => {
    expect(readFileSync(notebook(anna), "utf8")).toBe(
      readFileSync(join(copy, "notebooks", `${NOTEBOOKS[0]}.ipynb`), "utf8"),
    );
    for (const path of [homeOf(anna), join(homeOf(anna), "notebooks"), notebook(anna)]) {
      expect((statSync(path).mode & 0o077).toString(8), path).toBe("0");
      expect(statSync(path).uid, path).toBe(Number(execFileSync("id", ["-u", anna])));
    }
  });

  test("are written once: after a restart of the server they are what the learner made of them", async () => {
    const learner = new Learner(url, anna);
    await learner.logIn(password);
    await learner.takeToken();
    const server = `/hub/api/users/${anna}/server`;
    await learner.json(server, "DELETE");
    await vi.waitFor(
      async () => expect(await learner.json(`/hub/api/users/${anna}`)).toHaveProperty("servers", {}),
      60_000,
    );
    writeFileSync(notebook(anna), "mine");
    execFileSync("rm", [join(homeOf(anna), "notebooks", `${NOTEBOOKS[1]}.ipynb`)]);
    await letLearn({ url, names: [anna], password, notebooks: [] }, (fact) => facts.push(fact), copy).done;
    expect(readFileSync(notebook(anna), "utf8")).toBe("mine");
    expect(existsSync(join(homeOf(anna), "notebooks", `${NOTEBOOKS[1]}.ipynb`))).toBe(false);
  });

  test("come back with workshop-reset in a terminal, and what was written is kept", () => {
    const own = join(homeOf(bert), "notebooks");
    appendFileSync(notebook(bert), " ");
    writeFileSync(join(own, `${NOTEBOOKS[1]}.ipynb`), "mine");
    const { ok, output } = runAs(bert, join(copy, "hub", "bin", "workshop-reset"), "--yes", NOTEBOOKS[1]);
    expect(output).toContain(`${NOTEBOOKS[1]}.ipynb`);
    expect(ok).toBe(true);
    const shipped = readFileSync(join(copy, "notebooks", `${NOTEBOOKS[1]}.ipynb`), "utf8");
    expect(readFileSync(join(own, `${NOTEBOOKS[1]}.ipynb`), "utf8")).toBe(shipped);
    expect(execFileSync("grep", ["-rlx", "mine", own], { encoding: "utf8" })).toContain(NOTEBOOKS[1]);
  });
});

test("the address that is printed for a notebook opens the learner's own window of it", async () => {
  const [, window = ""] = /^ {4}(http\S+01-connection-procedure)$/m.exec(hub.output) ?? [];
  expect(window.startsWith(`${url}/`)).toBe(true);
  const learner = new Learner(url, bert);
  await learner.logIn(password);
  // By a page that starts the server where it does not run, and names what comes then.
  const next = decodeURIComponent((await learner.leadsTo(window.slice(url.length))) ?? "");
  expect(next).toContain(`/user/${bert}/lab/workspaces/01-connection-procedure`);
  const folder = join(homeOf(bert), ".jupyter", "lab", "workspaces");
  const kept = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")).metadata.id);
  expect(kept).toContain("01-connection-procedure");
});

describe("a home folder that cannot take the notebooks", () => {
  test("the learner is told at once, and why", async () => {
    execFileSync("useradd", ["--no-create-home", "--user-group", "--groups=socket-workshop", homeless]);
    const learner = new Learner(url, homeless);
    await learner.logIn(password);
    await learner.takeToken();
    // JupyterHub itself says it when that takes less than 10 s, else the page that the learner waits at.
    const server = `/hub/api/users/${homeless}/server`;
    const told = learner.json(server, "POST").catch(String);
    const events = () => learner.text(`${server}/progress`).catch(String);
    await vi.waitFor(
      async () =>
        expect(`${await told} ${await events()}`).toContain(
          `The notebooks could not be put into ${homeOf(homeless)}: No such file or directory. Tell the one who runs`,
        ),
      60_000,
    );
  });

  test("one that is full is left as it was", () => {
    execFileSync("install", ["--directory", `--owner=${homeless}`, "--mode=700", homeOf(homeless)]);
    const prepare = [join(copy, "hub", ".venv", "bin", "python"), "-I", join(copy, "hub", "learner.py"), "--prepare"];
    expect(runAs(homeless, "prlimit", "--fsize=1000", ...prepare)).toEqual({
      ok: false,
      output: `The notebooks could not be put into ${homeOf(homeless)}: File too large.\n`,
    });
    expect(readdirSync(homeOf(homeless))).toEqual([]);
  });

  test("what somebody has run and saved in the instructor's copy does not come with the notebooks", () => {
    const path = join("notebooks", "00-start-here.ipynb");
    const text = readFileSync(join(copy, path), "utf8");
    const run = JSON.parse(text);
    for (const cell of run.cells)
      if (cell.cell_type === "code")
        Object.assign(cell, { execution_count: 7, outputs: [{ output_type: "stream", name: "stdout", text: "é" }] });
    writeFileSync(join(copy, path), JSON.stringify(run));
    onTestFinished(() => writeFileSync(join(copy, path), text));
    const python = join(copy, "hub", ".venv", "bin", "python");
    const prepared = runAs(homeless, python, "-I", join(copy, "hub", "learner.py"), "--prepare");
    expect(prepared).toEqual({ ok: true, output: "" });
    expect(JSON.parse(readFileSync(join(homeOf(homeless), path), "utf8"))).toEqual(JSON.parse(text));
  });
});

describe("who may log in", () => {
  test("a wrong password opens nothing", async () => {
    expect(await new Learner(url, anna).logIn(`${password}x`)).toEqual({
      status: 403,
      says: "Invalid username or password",
    });
    expect(await new Learner(url, newcomer).logIn("")).toMatchObject({ status: 403 });
    expect(runAs(anna, "getent", "passwd", newcomer)).toMatchObject({ ok: false });
  });

  test.each([
    ["root", /account or a group of this machine/],
    ["daemon", /account or a group of this machine/],
    ["adm", /account or a group of this machine/],
    ["../root", /2 to 20 of the letters/],
    ["x", /2 to 20 of the letters/],
    ["-rf", /2 to 20 of the letters/],
  ])("nobody can be called %s", async (name, says) => {
    expect(await new Learner(url, name).logIn(password)).toEqual({ status: 403, says: expect.stringMatching(says) });
  });

  test("the learners' password is not the admin's", async () => {
    expect(await new Learner(url, admin).logIn(password)).toMatchObject({ status: 403 });
    const secrets = JSON.parse(readFileSync(join(copy, "hub", "state", "passwords.json"), "utf8"));
    expect(await new Learner(url, admin).logIn(secrets.admin_password)).toMatchObject({ status: 302 });
  });

  test("idle servers end, but not over a lunch break; limits are those that were asked for", async () => {
    const culler = descendants(hub.pid).find(({ command }) => command.includes("jupyterhub_idle_culler"));
    expect(Number(/--timeout=(\d+)/.exec(culler?.command ?? "")?.[1])).toBeGreaterThanOrEqual(90 * 60);
    const secrets = JSON.parse(readFileSync(join(copy, "hub", "state", "passwords.json"), "utf8"));
    const instructor = new Learner(url, admin);
    await instructor.logIn(secrets.admin_password);
    await instructor.takeToken();
    expect(await instructor.json("/hub/api/services")).toHaveProperty("idle-culler");
    const limits = readFileSync(`/proc/${processesOf(bert)[0]?.trim().split(" ")[0]}/limits`, "utf8");
    expect(limits).toMatch(/Max processes\s+2048/);
  });
});

test("Ctrl-C during npm run class is no page of errors of the learners' program", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  const python = join(copy, "hub", ".venv", "bin", "python");
  const args = ["-I", join(copy, "hub", "simulate.py"), `http://127.0.0.1:${port}`, anna, ""];
  const learners = new Command(python, args, copy, process.env);
  const [connection] = (await once(silent, "connection", { signal: within() })) as [Socket];
  onTestFinished(() => void connection.destroy());
  learners.signalGroup("SIGINT");
  expect(await learners.ended).toEqual({ code: null, signal: "SIGINT", output: "" });
});

test("Ctrl-C ends everything, with status 0; nothing of a learner runs on or lies about", async () => {
  const folders = () =>
    execFileSync("find", [tmpdir(), "-maxdepth", "1", "-name", "socket-workshop-*", "-printf", "%u\n"], {
      encoding: "utf8",
    })
      .split("\n")
      .filter((owner) => names.includes(owner));
  expect(folders()).toContain(carl);
  await stopHub();
  // A kernel that its server has not ended leaves the folder of its sockets.
  expect(folders()).toEqual([]);
  expect(hub.output).not.toMatch(/Failed to stop user|Task was destroyed/);
  await vi.waitFor(() => expect(names.flatMap(processesOf)).toEqual([]), 30_000);
});

test("with --login=system the accounts of the machine log in with their own passwords, the system's own do not; it ends when it is killed", async () => {
  const setPassword = (name: string, word: string) => execFileSync("chpasswd", { input: `${name}:${word}\n` });
  setPassword(bert, "word of bert");
  const service = newcomer;
  execFileSync("useradd", ["--system", "--shell", "/bin/bash", service]);
  setPassword(service, "word of service");
  // Known to JupyterHub, and removed since.
  execFileSync("userdel", ["--remove", homeless], { stdio: "ignore" });
  await startHub("--login=system");
  expect(hub.output).not.toContain("Traceback");
  expect(await new Learner(url, bert).logIn("word of bert")).toMatchObject({ status: 302 });
  expect(await new Learner(url, bert).logIn(password)).toMatchObject({ status: 403 });
  expect(await new Learner(url, service).logIn("word of service")).toEqual({
    status: 403,
    says: expect.stringContaining("one of the system's own"),
  });
  // Not stopped but killed, as when memory runs out. What runs on would hold its output.
  const scripts = descendants(hub.pid).filter(({ command }) => command.includes("scripts/hub.mjs"));
  for (const { pid } of scripts) process.kill(pid, "SIGKILL");
  expect(scripts).not.toEqual([]);
  await hub.ended;
});

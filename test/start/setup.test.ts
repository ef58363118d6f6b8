import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { nodeProblem } from "../../scripts/lib/node.mjs";
import { Command } from "../support/command.js";
import { newUser } from "../support/new-user.js";
import { PATIENCE_MS } from "../support/time.js";
import { addBuild, addPackages, copyWithoutTests, newFolder, untouchedCopy } from "./project-copy.js";

/** A folder to stand alone in PATH: it has the programs that are given and nothing else. */
function pathWith(programs: Record<string, string>): string {
  const folder = newFolder("path");
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), script);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** A program that is this machine's Python after some Python statements. */
function pythonAfter(statements: string): string {
  const python = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
  const bootstrap = `import sys; ${statements}; sys.argv = sys.argv[1:]; exec(open(sys.argv[0]).read())`;
  return `#!/bin/sh\nexec '${python}' -c '${bootstrap}' "$@"\n`;
}

const start = (copy: string, env: NodeJS.ProcessEnv, script = "start.mjs", ...args: string[]) =>
  new Command(process.execPath, [join("scripts", script), ...args], copy, env);

describe("what is missing is said in one sentence, before anything is installed", () => {
  test.each([
    ["no Python", {}, /^✗ Python 3\.10 or newer is missing: .*`sudo apt install python3 python3-venv`.*\.\n$/],
    [
      "an old Python",
      { python3: pythonAfter("sys.version_info = (3, 8, 18)") },
      /^✗ Python 3\.8\.18 is too old, 3\.10 or newer is needed: .*apt install.*\.\n$/,
    ],
    [
      "a Python without venv",
      { python3: pythonAfter('sys.version_info = (3, 11, 2); sys.modules["ensurepip"] = None') },
      /^✗ Python 3\.11\.2 cannot make virtual environments, .*`sudo apt install python3\.11-venv`\.\n$/,
    ],
  ])("%s", async (_what, programs, sentence) => {
    const copy = untouchedCopy();
    const { code, output } = await start(copy, newUser(newFolder("home"), { PATH: pathWith(programs) })).ended;
    expect(output).toMatch(sentence);
    expect(code).toBe(1);
    for (const made of ["node_modules", ".venv", "kernel-helpers/dist", ".setup.lock"]) {
      expect(existsSync(join(copy, made)), made).toBe(false);
    }
  });

  test("an old Node, and Windows", () => {
    expect(nodeProblem("v20.18.3", "linux")).toMatch(
      /^Node 20\.18\.3 is too old, 20\.19 or newer is needed: .*nodejs\.org/,
    );
    expect(nodeProblem("v18.20.4", "darwin")).toMatch(/^Node 18\.20\.4 is too old/);
    expect(nodeProblem("v24.0.0", "win32")).toMatch(/WSL2.*Binder/);
  });

  test.each(["v20.19.0", "v20.20.2", "v22.0.0", "v26.1.0"])("Node %s is fine", (version) => {
    expect(nodeProblem(version, "linux")).toBeUndefined();
  });
});

test("the name python will do, and a python3 that does not run is passed over", async () => {
  const copy = untouchedCopy();
  const real = pythonAfter("sys.version_info = (3, 9, 1)");
  const path = pathWith({ python3: "#!/bin/sh\nexit 127\n", python: real });
  const { output } = await start(copy, newUser(newFolder("home"), { PATH: path })).ended;
  expect(output).toMatch(/^✗ Python 3\.9\.1 is too old/);
});

describe("pip compiles what it installs", () => {
  /** What pip is told by a start with a Python that only writes down what its environment's is asked to do. */
  async function toldPip(env: NodeJS.ProcessEnv): Promise<string> {
    const copy = copyWithoutTests();
    addPackages(copy);
    addBuild(copy);
    const log = join(newFolder("log"), "asked");
    const inside = `#!/bin/sh\necho "$@" >>'${log}'\ncase "$*" in *"pip install"*) exit 1 ;; esac\n`;
    const path = pathWith({ inside, python3: "" });
    const python3 = join(path, "python3");
    const venv = `for folder; do :; done\nmkdir -p "$folder/bin" && cp '${join(path, "inside")}' "$folder/bin/python"`;
    const [, itself = ""] = pythonAfter(`sys._base_executable = "${python3}"`).split(/\n/);
    writeFileSync(python3, `#!/bin/sh\ncase "$*" in *"-m venv"*) ${venv} && exit ;; esac\n${itself}\n`);
    const more = { PATH: `${path}:/usr/bin:/bin`, ...env };
    const { output } = await start(copy, newUser(newFolder("home"), more), "start.mjs").ended;
    expect(output).toMatch(/✗ Installing JupyterLab/);
    const [asked = "", ...others] = readFileSync(log, "utf8")
      .split("\n")
      .filter((line) => line.includes("pip install"));
    expect(others).toEqual([]);
    return asked;
  }

  test("not beforehand: Python does it, of what it imports", async () => {
    expect(await toldPip({})).toContain(" --no-compile ");
  });

  test("beforehand where Python may keep nothing", async () => {
    expect(await toldPip({ PYTHONDONTWRITEBYTECODE: "1" })).toContain(" --compile ");
  });
});

describe("the kernel alone", () => {
  test("is installed into the environment that is named, with JupyterLab's defaults beside what is there", async () => {
    const copy = copyWithoutTests();
    addPackages(copy);
    addBuild(copy);
    const prefix = newFolder("prefix");
    const settings = join(prefix, "share", "jupyter", "lab", "settings");
    mkdirSync(settings, { recursive: true });
    const present = {
      "@jupyterlab/notebook-extension:tracker": { showInputPlaceholder: false },
      "@jupyterlab/apputils-extension:themes": { theme: "JupyterLab Dark" },
    };
    writeFileSync(join(settings, "overrides.json"), JSON.stringify(present));
    const home = newFolder("home");
    const child = start(copy, newUser(home), "install-kernel.mjs", "--lab-defaults", `--prefix=${prefix}`);
    expect(await child.ended).toMatchObject({ code: 0 });
    const spec = JSON.parse(readFileSync(join(prefix, "share", "jupyter", "kernels", "tslab", "kernel.json"), "utf8"));
    expect(spec.argv.slice(-3)).toEqual([
      process.execPath,
      join(copy, "kernel-helpers/dist/kernel/launcher.js"),
      "{connection_file}",
    ]);
    expect(JSON.parse(readFileSync(join(settings, "overrides.json"), "utf8"))).toEqual({
      "@jupyterlab/notebook-extension:tracker": {
        showInputPlaceholder: false,
        kernelShutdown: true,
        autoStartDefaultKernel: true,
      },
      "@jupyterlab/apputils-extension:themes": { theme: "JupyterLab Dark" },
      "@jupyterlab/apputils-extension:notification": { fetchNews: "false", checkForUpdates: false },
    });
  });

  test("is built once, and again after a source has changed", async () => {
    const copy = copyWithoutTests();
    addPackages(copy);
    const install = () =>
      start(copy, newUser(newFolder("home")), "install-kernel.mjs", `--prefix=${join(copy, "prefix")}`).ended;
    expect((await install()).output).toContain("Building kernel-helpers");
    expect((await install()).output).not.toContain("Building");
    writeFileSync(join(copy, "kernel-helpers", "src", "added.ts"), "export const added = 1;\n");
    expect((await install()).output).toContain("Building kernel-helpers");
    expect(existsSync(join(copy, "kernel-helpers", "dist", "added.js"))).toBe(true);
    unlinkSync(join(copy, "kernel-helpers", "src", "added.ts"));
    expect(await install()).toMatchObject({ code: 0 });
    expect(existsSync(join(copy, "kernel-helpers", "dist", "added.js"))).toBe(false);
  });

  test("asks for an environment when none is active", async () => {
    const { code, output } = await start(untouchedCopy(), newUser(newFolder("home")), "install-kernel.mjs").ended;
    expect(output).toMatch(/^✗ No environment is active: .*--prefix=FOLDER\.\n$/);
    expect(code).toBe(1);
  });
});

describe("two at once in one folder", () => {
  const installKernel = (copy: string) =>
    start(copy, newUser(newFolder("home")), "install-kernel.mjs", `--prefix=${join(copy, "prefix")}`);

  test("the second waits until the first has finished", async () => {
    const copy = copyWithoutTests();
    addPackages(copy);
    addBuild(copy);
    symlinkSync(String(process.pid), join(copy, ".setup.lock"));
    const child = installKernel(copy);
    await child.printed(
      new RegExp(`Process ${process.pid} is setting up this folder: waiting`),
      AbortSignal.timeout(PATIENCE_MS),
    );
    expect(existsSync(join(copy, "prefix"))).toBe(false);
    unlinkSync(join(copy, ".setup.lock"));
    expect(await child.ended).toMatchObject({ code: 0 });
    expect(existsSync(join(copy, "prefix"))).toBe(true);
  });

  test("what one that is gone has left behind stops nobody", async () => {
    const copy = copyWithoutTests();
    addPackages(copy);
    addBuild(copy);
    const gone = spawn("true");
    await once(gone, "close");
    symlinkSync(String(gone.pid), join(copy, ".setup.lock"));
    expect(await installKernel(copy).ended).toMatchObject({ code: 0 });
    expect(() => lstatSync(join(copy, ".setup.lock"))).toThrow("ENOENT");
  });
});

describe("a signal while installing", () => {
  /**
   * Starts a copy with a program in npm's place that has one of its own, which connects to a server here.
   * @param own what that one does besides, with `socket`
   */
  async function installing(own: string) {
    const copy = copyWithoutTests();
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const npm = join(newFolder("npm"), "npm-cli.js");
    const program = `const socket = require("node:net").connect(${port}, "127.0.0.1");\n${own}`;
    writeFileSync(
      npm,
      `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(program)}], { stdio: "ignore" });\n`,
    );
    const child = start(copy, newUser(newFolder("home"), { npm_execpath: npm }));
    const [connection] = (await once(server, "connection", { signal: AbortSignal.timeout(PATIENCE_MS) })) as [Socket];
    let said = "";
    connection.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const closed = once(
      connection.on("error", () => {}),
      "close",
      { signal: AbortSignal.timeout(PATIENCE_MS) },
    );
    return { child, closed: closed.then(() => said), lock: join(copy, ".setup.lock"), connection };
  }

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGHUP", 129],
  ] as const)("%s ends all that the installer runs, and gives the folder back", async (signal, code) => {
    const { child, closed, lock } = await installing("");
    child.process.kill(signal);
    expect(await child.ended).toMatchObject({ code, output: expect.not.stringContaining("npm could not") });
    await closed;
    expect(() => lstatSync(lock)).toThrow("ENOENT");
  });

  test("the folder is given back after the installer's end, not before; a second Ctrl-C changes nothing about that", async () => {
    const { child, closed, lock, connection } = await installing(`
      process.once("SIGTERM", () => {
        socket.write("ending ");
        setTimeout(() => {
          let there = true;
          try { require("node:fs").readlinkSync(".setup.lock"); } catch { there = false; }
          socket.end(there ? "the lock was there" : "the lock was gone");
        }, 300);
      });`);
    child.signalGroup("SIGINT");
    await once(connection, "data", { signal: AbortSignal.timeout(PATIENCE_MS) });
    child.process.kill("SIGINT");
    expect(await closed).toBe("ending the lock was there");
    expect(await child.ended).toMatchObject({ code: 130 });
    expect(() => lstatSync(lock)).toThrow("ENOENT");
  });

  test("what does not end when it is told is killed", async () => {
    const { child, closed, lock } = await installing('process.on("SIGTERM", () => {});');
    child.process.kill("SIGTERM");
    expect(await child.ended).toMatchObject({ code: 143 });
    await closed;
    expect(() => lstatSync(lock)).toThrow("ENOENT");
  });
});

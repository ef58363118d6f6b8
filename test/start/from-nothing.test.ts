import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { addresses } from "../support/addresses.js";
import { Command } from "../support/command.js";
import { fetched } from "../support/fetched.js";
import { newUser } from "../support/new-user.js";
import { asOrdinaryUser } from "../support/ordinary-start.js";
import { addBuild, addPackages, copyWithoutTests, freshCopy, newFolder, project } from "./project-copy.js";
import { pythonsHere, SYSTEM_PYTHON } from "./pythons.js";

// What is installed comes over the network. Measured on 2 cores: 27 s alone, 190 s on a busy machine.
const PATIENCE_MS = 900_000;
vi.setConfig({ testTimeout: PATIENCE_MS, hookTimeout: PATIENCE_MS });
const PYTHON = process.env.WORKSHOP_PYTHON ?? join(project, ".venv", "bin", "python");
const within = () => AbortSignal.timeout(PATIENCE_MS);

/** Runs a cell in a kernel of the server, and gives how that ended. */
async function runCell(start: Command, copy: string, code: string) {
  const { first } = await addresses(start, within());
  const headers = { authorization: `token ${first.searchParams.get("token")}` };
  const body = JSON.stringify({ name: "tslab" });
  const answer = await fetch(`${first.origin}/api/kernels`, { method: "POST", headers, body, signal: within() });
  expect(answer.status).toBe(201);
  const { id } = (await answer.json()) as { id: string };
  const connection = join(copy, ".venv", "var", "socket-workshop", "runtime", `kernel-${id}.json`);
  const client = [join(project, "test", "start", "run_cell.py"), connection, code];
  return new Command(PYTHON, client, project, newUser(newFolder("home"))).ended;
}

const CELL = `import { socket, AF_INET, SOCK_STREAM, LOOPBACK } from "kernel-helpers";
const server = socket("server", AF_INET, SOCK_STREAM);
server.bind(LOOPBACK, 0);
server.listen(1);`;

test(`npm start with ${SYSTEM_PYTHON}: from nothing to a cell that ran, for an ordinary user without git`, async () => {
  const copy = freshCopy();
  const outside = newFolder("outside");
  const start = asOrdinaryUser(copy, outside, ["npm", "start", "--", "--no-browser", "--port=0"], {
    python: SYSTEM_PYTHON,
  });
  onTestFinished(() => start.end());
  expect(await runCell(start, copy, CELL)).toMatchObject({ code: 0, output: "" });
  const version = execFileSync(SYSTEM_PYTHON, ["-c", "import platform; print(platform.python_version())"], {
    encoding: "utf8",
  }).trim();
  expect(start.output).toContain(`Python ${version}, JupyterLab `);
  const done = (start.output.match(/^✓ .*/gm) ?? []).map((line) =>
    line.replace(/: \d+ s$/, "").replace(/^✓ Node .*/, "✓ Node"),
  );
  // What npm brings, and beside it what pip brings: each in its order.
  const packages = ["✓ Installing npm packages", "✓ Building kernel-helpers", "✓ Preparing quick starts of the kernel"];
  const environment = ["✓ Making .venv for JupyterLab", "✓ Installing JupyterLab"];
  const last = ["✓ Installing the second kernel", "✓ Node"];
  expect(done.filter((line) => !environment.includes(line))).toEqual([...packages, ...last]);
  expect(done.filter((line) => !packages.includes(line))).toEqual([...environment, ...last]);
  start.signalGroup("SIGINT");
  expect(await start.ended).toMatchObject({ code: 0 });
  // What the README says of the home folder: npm and pip keep there what they have fetched, and nobody else writes there.
  // (pip keeps nothing of a package server that lies on the machine's own disk.)
  const home = readdirSync(join(outside, "home"), { recursive: true, encoding: "utf8" });
  expect(home).toContain(".npm");
  expect(home.filter((path) => !/^(\.npm|\.cache$|\.cache\/pip)/.test(path))).toEqual([]);
});

/** The one that made the environment which these tests run with: it has a JupyterLab. */
const tested = execFileSync(PYTHON, ["-c", "import sys; print(sys.base_prefix, sys.version.split()[0])"], {
  encoding: "utf8",
}).trim();
const others = pythonsHere()
  .filter(({ path, base, version }) => path !== SYSTEM_PYTHON && `${base} ${version}` !== tested)
  .sort((a, b) => a.version.localeCompare(b.version, "en", { numeric: true }));
/** The oldest and the newest of them: test/contract/pins.test.ts asks of all that are supported whether there is something for them. */
const chosen = others.length > 2 ? [others[0]!, others.at(-1)!] : others;

test.runIf(chosen.length > 0).each(chosen.map(({ version, path }) => [version, path] as const))(
  "Python %s of this machine gets a JupyterLab that can be imported",
  async (_version, path) => {
    const copy = copyWithoutTests();
    addPackages(copy);
    addBuild(copy);
    const programs = newFolder("path");
    symlinkSync(path, join(programs, "python3"));
    const env = newUser(newFolder("home"), { PATH: programs, ...fetched });
    const start = new Command(process.execPath, ["scripts/start.mjs", "--version"], copy, env);
    onTestFinished(() => start.end());
    const { code, output } = await start.ended;
    expect(output).toMatch(/✓ Installing JupyterLab: /);
    // It has been imported, and that alone was compiled.
    expect(output).toMatch(/^4\.\d+\.\d+$/m);
    expect(code, output).toBe(0);
    const lib = join(copy, ".venv", "lib");
    const packages = join(lib, readdirSync(lib).find((name) => name.startsWith("python3")) ?? "", "site-packages");
    expect(existsSync(join(packages, "jupyterlab", "__pycache__"))).toBe(true);
    expect(readdirSync(join(packages, "jedi"))).not.toContain("__pycache__");
    // pip was not asked what needs what.
    execFileSync(join(copy, ".venv", "bin", "python"), ["-m", "pip", "check"]);
    // What Jupyter can do without: see scripts/lib/quick-imports.mjs.
    const imports = "import sys, nbconvert.exporters, nbclient; print(sys.modules['rfc3987_syntax'])";
    expect(execFileSync(join(copy, ".venv", "bin", "python"), ["-c", imports], { encoding: "utf8" })).toBe("None\n");
  },
);

import { once } from "node:events";
import { chmodSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Command } from "../support/command.js";
import { newUser } from "../support/new-user.js";
import { PATIENCE_MS } from "../support/time.js";
import { addBuild, addPackagesAroundItsOwn, copyWithoutTests, newFolder } from "./project-copy.js";

/*
 * npm and pip install side by side. In their places are programs that connect to the test, and do what it then tells them.
 */

type Installer = "npm" | "pip";
const STEPS = { npm: "Installing npm packages", pip: "Installing JupyterLab" };

/** A program of Node's that says its name to the test, and does what comes back. */
const told = (name: Installer, port: number) => `
const socket = require("node:net").connect(${port}, "127.0.0.1", () => socket.write("${name}"));
socket.setEncoding("utf8").on("data", (statements) => eval(statements));`;

/** What a Python says of itself: see scripts/lib/probe.py. */
const says = (more: { executable: string; base: string; prefix: string; jupyterlab: string | null }) =>
  JSON.stringify({ version: [3, 11, 2], venv: true, lacks: [], ...more });

function program(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

/** Programs in the place of npm and Python, and of the Python of an environment, for one copy. */
function standIns(copy: string, port: number): NodeJS.ProcessEnv {
  const folder = newFolder("programs");
  const [npm, pip] = (["npm", "pip"] as const).map((name) => {
    const path = join(folder, `${name}-cli.js`);
    writeFileSync(path, told(name, port));
    return path;
  });
  const [inside, python3] = [join(folder, "inside"), join(folder, "python3")];
  const prefix = join(copy, ".venv");
  const executable = join(prefix, "bin", "python");
  program(
    inside,
    `case "$*" in
  *probe.py) echo '${says({ executable, base: python3, prefix, jupyterlab: "4.6.4" })}' ;;
  *--requirement*) exec '${process.execPath}' '${pip}' ;;
  *lab.py*) echo "JupyterLab would start" ;;
esac`,
  );
  program(
    python3,
    `case "$*" in
  *"-m venv"*) for folder; do :; done; mkdir -p "$folder/bin" "$folder/lib" && cp '${inside}' "$folder/bin/python" ;;
  *) echo '${says({ executable: python3, base: python3, prefix: folder, jupyterlab: null })}' ;;
esac`,
  );
  return { npm_execpath: npm, PATH: `${folder}:/usr/bin:/bin` };
}

/** A copy that can be started again and again; each start gives the connections of npm and of pip as soon as there are both. */
async function copyToStart() {
  const copy = copyWithoutTests();
  addBuild(copy);
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const temporary = newFolder("temporary");
  const env = { ...standIns(copy, (server.address() as AddressInfo).port), TMPDIR: temporary };
  async function start() {
    const within = AbortSignal.timeout(PATIENCE_MS);
    const found: Partial<Record<Installer, Socket>> = {};
    const both = new Promise<Record<Installer, Socket>>((resolve, reject) => {
      within.addEventListener("abort", () => reject(new Error(`only ${Object.keys(found)} came: ${command.output}`)));
      server.removeAllListeners("connection").on("connection", (socket) => {
        socket
          .on("error", () => {})
          .once("data", (name) => {
            found[String(name) as Installer] = socket;
            if (found.npm && found.pip) resolve({ npm: found.npm, pip: found.pip });
          });
      });
    });
    const command = new Command(process.execPath, ["scripts/start.mjs"], copy, newUser(newFolder("home"), env));
    onTestFinished(() => command.end());
    return { command, ...(await both) };
  }
  return { copy, temporary, start };
}

/** All that a start leaves when it was broken off. */
function expectNothingHalfMade(copy: string, temporary: string): void {
  expect(() => lstatSync(join(copy, ".setup.lock"))).toThrow("ENOENT");
  expect(() => lstatSync(join(copy, "node_modules", ".package-lock.json"))).toThrow("ENOENT");
  expect(readFileSync(join(copy, ".venv", ".installed-from"), "utf8")).toBe("unfinished");
  expect(readdirSync(temporary)).toEqual([]);
  expect(readdirSync(join(copy, ".venv")).filter((name) => name.startsWith(".pip-"))).toEqual([]);
}

const gone = (socket: Socket) => once(socket, "close", { signal: AbortSignal.timeout(PATIENCE_MS) });

/** The lines about steps, without their seconds, and then what went wrong: the two come by ways of their own. */
function signs(output: string): string[] {
  const lines = (output.match(/^[✓✗–] .*/gm) ?? []).map((line) => line.replace(/\d+ s$/, "N s"));
  const isStep = (line: string) => line.endsWith(" N s");
  return [...lines.filter(isStep), ...lines.filter((line) => !isStep(line))];
}

/** npm brings the packages, in its own way: what is there is emptied first. */
function letNpmInstall(copy: string, npm: Socket): void {
  rmSync(join(copy, "node_modules"), { recursive: true, force: true });
  addPackagesAroundItsOwn(copy);
  npm.write("process.exit()");
}

test.each([
  ["npm", "pip"],
  ["pip", "npm"],
] as const)("npm and pip are under way at once, and %s may be the first to end", async (first, second) => {
  const { copy, start } = await copyToStart();
  const { command, ...installers } = await start();
  const end = { npm: () => letNpmInstall(copy, installers.npm), pip: () => installers.pip.write("process.exit()") };
  end[first]();
  await command.printed(new RegExp(`✓ ${STEPS[first]}: `), AbortSignal.timeout(PATIENCE_MS));
  expect(command.output).not.toContain(`✓ ${STEPS[second]}`);
  end[second]();
  const { code, output } = await command.ended;
  expect(output).toMatch(/✓ Node .* JupyterLab 4\.6\.4 \(\.venv\)\n.*\nJupyterLab would start\n$/);
  expect(code).toBe(0);
});

const FAILURES = [
  ["npm", "npm error code EINTEGRITY", "pip", /^✗ npm could not install the packages: .* its hash differs: /],
  [
    "pip",
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES",
    "npm",
    /^✗ pip could not install JupyterLab: .* its hash differs: /,
  ],
] as const;

test.each(FAILURES)(
  "%s that fails ends the other: one error is told, and the next start does all of it",
  async (...how) => {
    const [failing, words, other, sentence] = how;
    const { copy, temporary, start } = await copyToStart();
    const { command, ...installers } = await start();
    // As of an npm that is through with its work, and has not ended yet.
    addPackagesAroundItsOwn(copy);
    const otherIsGone = gone(installers[other]);
    installers[failing].write(`console.error("${words}"); process.exit(1)`);
    const { code, output } = await command.ended;
    await otherIsGone;
    expect(signs(output)).toEqual([
      "✓ Making .venv for JupyterLab: N s",
      `✗ ${STEPS[failing]}: N s`,
      `– ${STEPS[other]}: broken off after N s`,
      expect.stringMatching(sentence),
    ]);
    expect(code).toBe(1);
    expectNothingHalfMade(copy, temporary);

    const again = await start();
    letNpmInstall(copy, again.npm);
    again.pip.write("process.exit()");
    expect(await again.command.ended).toMatchObject({ code: 0 });
    expect(again.command.output).toContain("✓ Making .venv for JupyterLab");
  },
);

test("Ctrl-C ends both", async () => {
  const { copy, temporary, start } = await copyToStart();
  const { command, npm, pip } = await start();
  addPackagesAroundItsOwn(copy);
  const bothAreGone = Promise.all([gone(npm), gone(pip)]);
  command.signalGroup("SIGINT");
  const { code, output } = await command.ended;
  await bothAreGone;
  expect(output).not.toMatch(/could not|broken off/);
  expect(code).toBe(130);
  expectNothingHalfMade(copy, temporary);
});

test("Ctrl-C while the other is ended because one has failed", async () => {
  const { copy, temporary, start } = await copyToStart();
  const { command, npm, pip } = await start();
  npm.write('process.on("SIGTERM", () => socket.write("told to end"))');
  const npmIsTold = once(npm, "data", { signal: AbortSignal.timeout(PATIENCE_MS) });
  const npmIsGone = gone(npm);
  pip.write("process.exit(1)");
  await npmIsTold;
  command.signalGroup("SIGINT");
  expect(await command.ended).toMatchObject({ code: 130 });
  await npmIsGone;
  expectNothingHalfMade(copy, temporary);
});

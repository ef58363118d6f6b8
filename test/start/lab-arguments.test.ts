import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Command } from "../support/command.js";
import { newUser } from "../support/new-user.js";
import { PATIENCE_MS } from "../support/time.js";
import { addBuild, addEnvironment, addPackages, copyWithoutTests, newFolder } from "./project-copy.js";

/*
 * What the user says to `npm start` goes before what the project says to JupyterLab.
 */

let copy = "";
const cleanUps: Array<() => void> = [];

beforeAll(() => {
  copy = copyWithoutTests((cleanUp) => void cleanUps.push(cleanUp));
  addPackages(copy);
  addBuild(copy);
  addEnvironment(copy);
});

afterAll(() => {
  for (const cleanUp of cleanUps.reverse()) cleanUp();
});

const within = () => AbortSignal.timeout(PATIENCE_MS);

function start(...args: string[]): Command {
  const home = newFolder("home");
  const child = new Command(process.execPath, ["scripts/start.mjs", "--no-browser", ...args], copy, newUser(home));
  onTestFinished(() => child.end());
  return child;
}

/** The address that JupyterLab itself prints. */
async function addressOf(child: Command): Promise<URL> {
  const [, address = ""] = await child.printed(/these URLs:\s+(http:\/\/\S+)\n/, within());
  return new URL(address);
}

/** What the server answers, to who has the token of an address. */
async function answer<Answer>(address: URL, path: string): Promise<Answer> {
  const response = await fetch(`${address.origin}${path}${address.search}`, { signal: within() });
  expect(response.status, path).toBe(200);
  return (await response.json()) as Answer;
}

type Contents = { content: Array<{ name: string }> };

test.each([
  ["--ip=127.0.0.2", "--log-level=INFO"],
  ["--ServerApp.ip=127.0.0.2", "--ServerApp.log_level=INFO"],
])("%s, %s: by either name an address and a level are the user's", async (...args) => {
  const child = start("--port=0", ...args);
  expect((await addressOf(child)).hostname).toBe("127.0.0.2");
  expect(child.output).toMatch(/^\[I /m);
});

test("JupyterLab runs no yarn: see workshop_lab.py", async () => {
  const folder = newFolder("path");
  const [node, asked] = [join(folder, "node"), join(folder, "asked")];
  writeFileSync(node, `#!/bin/sh\necho "$@" >>'${asked}'\nexec '${process.execPath}' "$@"\n`);
  chmodSync(node, 0o755);
  const env = newUser(newFolder("home"), { PATH: [folder, process.env.PATH].join(delimiter) });
  const args = ["scripts/start.mjs", "--no-browser", "--port=0"];
  const child = new Command("sh", ["-c", 'node --version && exec "$0" "$@"', process.execPath, ...args], copy, env);
  onTestFinished(() => child.end());
  await addressOf(child);
  expect(readFileSync(asked, "utf8")).toBe("--version\n");
});

test.each(["--notebook-dir", "--ServerApp.root_dir"])(
  "%s: another folder is shown, in the plain JupyterLab where it is not the workshop's",
  async (name) => {
    const other = newFolder("other");
    mkdirSync(join(other, "notebooks"));
    writeFileSync(join(other, "notebooks", "01-mine.ipynb"), "{}");
    const child = start("--port=0", `${name}=${other}`);
    const address = await addressOf(child);
    expect(address.pathname).toBe("/lab");
    const { content } = await answer<Contents>(address, "/api/contents/");
    expect(content.map((entry) => entry.name)).toEqual(["notebooks"]);
    expect(child.output).not.toMatch(/workspaces|list of all notebooks|Traceback/);
  },
);

test.each(["--LabApp.default_url", "--ServerApp.default_url"])(
  "%s, the default kernel and its kinds are the user's",
  async (name) => {
    const child = start(
      "--port=0",
      `${name}=/lab/tree/README.md`,
      "--MultiKernelManager.default_kernel_name=python3",
      "--ServerApp.kernel_spec_manager_class=jupyter_client.kernelspec.KernelSpecManager",
    );
    const address = await addressOf(child);
    expect(address.pathname).toBe("/lab/tree/README.md");
    const specs = await answer<{ default: string; kernelspecs: object }>(address, "/api/kernelspecs");
    expect(specs.default).toBe("python3");
    expect(specs.kernelspecs).toHaveProperty("python3");
  },
);

/** A port on which this process listens until the test is over. */
async function portInUse(): Promise<number> {
  const server = createServer();
  onTestFinished(() => void server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as { port: number }).port;
}

test("a port that is in use is said so, with what to do, and no address is printed", async () => {
  const port = await portInUse();
  const { code, output } = await start(`--port=${port}`).ended;
  expect(output).toContain(
    `✗ Port ${port} of 127.0.0.1 is in use: name another one, or leave --port out, then a free one is found.\n`,
  );
  expect(output).not.toContain("http://");
  expect(code).toBe(1);
});

test("who asks for more attempts gets the next port", async () => {
  const port = await portInUse();
  const address = await addressOf(start(`--port=${port}`, "--port-retries=50"));
  expect(address.port).not.toBe(`${port}`);
  expect(await answer<object>(address, "/api/status")).toHaveProperty("kernels");
});

test("an address that this machine does not have is said so", async () => {
  const { code, output } = await start("--ip=192.0.2.1").ended; // for documentation only (RFC 5737)
  expect(output).toMatch(/✗ JupyterLab cannot listen at 192\.0\.2\.1 \(.+\): --ip wants an address of this machine/);
  expect(code).toBe(1);
});

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jupyterEnv } from "../../scripts/lib/jupyter-env.mjs";
import { PROJECT, run } from "../support/child.js";
import { removeFolders, Scratch, temporaryFolder } from "../support/lab/index.js";
import { newUser } from "../support/new-user.js";
import { LONG_PATIENCE_MS } from "../support/time.js";
import { unfolded } from "../support/unfolded.js";

const python = process.env.WORKSHOP_PYTHON ?? join(PROJECT, ".venv", "bin", "python");
const prefix = dirname(dirname(python));

let scratch: Scratch;
let home = "";

beforeAll(() => {
  scratch = new Scratch();
  home = temporaryFolder("home");
});

afterAll(() => {
  const written = readdirSync(home);
  removeFolders();
  expect(written).toEqual([]);
});

/** Runs a module of the environment as a new user, with our kernel. */
const module = (name: string, ...args: string[]) =>
  run(python, ["-m", name, ...args], { limit: LONG_PATIENCE_MS, env: cleanEnv() });

/** `run` adds to the environment of this process; what a new user has not is undefined. */
function cleanEnv(): NodeJS.ProcessEnv {
  const none = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  return { ...none, ...jupyterEnv(prefix, newUser(home, { SOCKET_WORKSHOP_SNAPSHOT: "" })) };
}

/** `jupyter execute`. */
const execute = (file: string) => module("jupyter", "execute", file);

// nbclient, which does it, runs all of them for the handouts (test/handouts/real.test.ts).
test("jupyter execute runs a notebook to its end", { timeout: LONG_PATIENCE_MS }, async () => {
  const { code, stderr } = await execute(scratch.file("03-datagrams"));
  expect(code, stderr).toBe(0);
});

test("jupyter execute fails on a notebook with a cell that fails", { timeout: LONG_PATIENCE_MS }, async () => {
  scratch.write("failing", [
    { id: "setup", source: `import { socket, AF_INET, SOCK_STREAM } from "kernel-helpers";` },
    { id: "fails", source: `const lonely = socket("lonely", AF_INET, SOCK_STREAM);\nlonely.getpeername();` },
    { id: "after", source: `require("node:fs").writeFileSync("after", "");` },
  ]);
  const { code, stderr } = await execute(scratch.file("failing"));
  expect(code).not.toBe(0);
  expect(code).not.toBeNull();
  expect(stderr).toContain("getpeername");
  expect(unfolded(stderr)).toContain("ENOTCONN (Transport endpoint is not connected)");
  expect(readdirSync(scratch.folder)).not.toContain("after");
});

test("nbconvert --execute writes a page with the trace lines", { timeout: LONG_PATIENCE_MS }, async () => {
  const file = scratch.file("00-start-here");
  const { code, stderr } = await module("nbconvert", "--to", "html", "--execute", file);
  expect(code, stderr).toBe(0);
  const page = readFileSync(join(scratch.folder, "00-start-here.html"), "utf8");
  const outputs = [...page.matchAll(/data-mime-type="([^"]*)"[^>]*>\s*<pre>(.*?)<\/pre>/gs)];
  expect(new Set(outputs.map(([, mime]) => mime))).toEqual(new Set(["text/plain"]));
  const text = unfolded(outputs.map(([, , shown]) => shown).join("\n"));
  expect(text).toMatch(/^first {9}socket\(AF_INET, SOCK_STREAM\) = \d+$/m);
  expect(text).toMatch(/^first {9}getpeername\(\d+\) = -1 ENOTCONN \(Transport endpoint is not connected\)$/m);
});

test("LaTeX and Markdown have the words of a picture", { timeout: LONG_PATIENCE_MS }, async () => {
  scratch.write("words", [
    {
      id: "draws",
      source: `import { socket, ladder, AF_INET, SOCK_STREAM } from "kernel-helpers";\nsocket("drawn", AF_INET, SOCK_STREAM);\nladder();`,
    },
  ]);
  const { code, stderr } = await module("jupyter", "execute", "--inplace", scratch.file("words"));
  expect(code, stderr).toBe(0);
  for (const [format, ending] of [
    ["latex", "tex"],
    ["markdown", "md"],
  ] as const) {
    const made = await module("nbconvert", "--to", format, scratch.file("words"));
    expect(made.code, made.stderr).toBe(0);
    const text = readFileSync(join(scratch.folder, `words.${ending}`), "utf8");
    expect(text, format).toContain("Ladder diagram of socket calls.");
    expect(text, format).toMatch(/drawn: socket/);
  }
});

test("handouts have under a cell what it prints after its end", { timeout: LONG_PATIENCE_MS }, async () => {
  scratch.write("late", [
    {
      id: "waits",
      source: `import { socket, choosePort, AF_INET, SOCK_STREAM, LOOPBACK } from "kernel-helpers";
const server = socket("server", AF_INET, SOCK_STREAM);
server.bind(LOOPBACK, choosePort("server")); server.listen();
const waiting = server.accept();`,
    },
    {
      id: "connects",
      source: `const client = socket("client", AF_INET, SOCK_STREAM);
await client.connect(LOOPBACK, choosePort("server"));
await waiting;`,
    },
  ]);
  const result = join(scratch.folder, "late-result.ipynb");
  const made = await run(python, [join(PROJECT, "scripts", "handouts", "execute.py"), scratch.file("late"), result], {
    limit: LONG_PATIENCE_MS,
    env: cleanEnv(),
  });
  expect(made.code, made.stderr + made.stdout).toBe(0);
  const { cells } = JSON.parse(readFileSync(result, "utf8")) as { cells: { outputs: { text?: string[] }[] }[] };
  const [waits, connects] = cells.map(({ outputs }) => unfolded(outputs.flatMap(({ text = [] }) => text).join("")));
  expect(waits).toMatch(/accept\(\d+\) waits for a client\nserver {8}accept\(\d+\) = \d+ /);
  expect(connects).toMatch(/connect\(/);
  expect(connects).not.toMatch(/accept\(/);
});

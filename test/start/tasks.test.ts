import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { Command } from "../support/command.js";
import { fetched } from "../support/fetched.js";
import { newUser } from "../support/new-user.js";
import {
  addBuild,
  addEnvironment,
  addPackages,
  contents,
  copyWithoutTests,
  freshCopy,
  newFolder,
  untouchedCopy,
} from "./project-copy.js";

// npm installs here. Measured on 2 cores: 15 s alone, 60 s on a busy machine.
vi.setConfig({ testTimeout: 600_000 });

/** `npm run` with these words, as a new user; npm finds what it has fetched before. */
function npmRun(copy: string, ...words: string[]) {
  const running = new Command("npm", ["run", ...words], copy, newUser(newFolder("home"), fetched));
  onTestFinished(() => running.end());
  return running.ended;
}

const has = (copy: string, ...names: string[]) => existsSync(join(copy, ...names));

test("npm run lint in a fresh clone installs the npm packages and no more", async () => {
  const copy = freshCopy();
  const { code, output } = await npmRun(copy, "lint");
  expect(output).toMatch(/✓ Installing npm packages: \d+ s\n.*Checked \d+ files/s);
  expect(code).toBe(0);
  expect(has(copy, "kernel-helpers", "dist")).toBe(false);
  expect(has(copy, ".venv")).toBe(false);
  // The second time there is nothing to set up.
  const again = await npmRun(copy, "lint", "--", "scripts/task.mjs");
  expect(again.output).toMatch(/Checked 1 file/);
  expect(again.output).not.toContain("Installing");
});

test.each([
  ["types", () => true],
  ["build", () => true],
  ["gallery", (copy: string) => has(copy, "test-artifacts", "gallery.html")],
])("npm run %s in a fresh clone builds kernel-helpers, and makes no environment", async (name, isDone) => {
  const copy = freshCopy();
  addPackages(copy);
  const { code, output } = await npmRun(copy, name);
  expect(output).toMatch(/✓ Building kernel-helpers: \d+ s\n/);
  expect(code, output).toBe(0);
  expect(isDone(copy)).toBe(true);
  expect(has(copy, ".venv")).toBe(false);
});

test("npm run format needs the npm packages only", async () => {
  const copy = copyWithoutTests();
  addPackages(copy);
  expect(await npmRun(copy, "format")).toMatchObject({ code: 0, output: expect.stringMatching(/Checked \d+ files/) });
  expect(has(copy, "kernel-helpers", "dist")).toBe(false);
});

test("npm run bench brings everything into place, measures the groups that are named, and writes a table and JSON", async () => {
  const copy = freshCopy();
  addPackages(copy);
  addBuild(copy);
  addEnvironment(copy);
  const { code, output } = await npmRun(copy, "bench", "--", "pictures");
  expect(code, output).toBe(0);
  expect(output).toMatch(/^draw a ladder of 50 calls +[\d.]+ +ms +at most 5 +[✓✗]$/m);
  const { figures, machine } = JSON.parse(readFileSync(join(copy, "test-artifacts", "bench.json"), "utf8"));
  expect(figures[0]).toMatchObject({ what: "draw a ladder of 50 calls", unit: "ms", atMost: 5 });
  expect(machine.node).toBe(process.version);
  expect(output).not.toContain("send + recv");
  // The kernel's spec was not in the environment before.
  expect(has(copy, ".venv", "share", "jupyter", "kernels", "tslab", "kernel.json")).toBe(true);
});

test.each([
  [
    ["cals"],
    /^✗ There is no group "cals"\. npm run bench takes names of groups \(calls, .*streams.*\) and --deno\.\n$/,
  ],
  [["--denno"], /^✗ There is no option --denno\. npm run bench takes names of groups/],
  [["calls", "--deno"], /^✗ Deno is measured in the group "kernel": npm run bench -- kernel --deno\n$/],
])("npm run bench -- %j says what can be meant, before anything is set up", async (words, said) => {
  const copy = untouchedCopy();
  const args = ["scripts/bench.mjs", ...words];
  const { code, output } = await new Command(process.execPath, args, copy, newUser(newFolder("home"))).ended;
  expect(output).toMatch(said);
  expect(code).toBe(1);
  expect(has(copy, "node_modules")).toBe(false);
});

test("what the scripts are made of can be loaded in a fresh clone: what is installed or built is asked for later", async () => {
  const copy = copyWithoutTests();
  const files = ["lib", "handouts"].flatMap((folder) =>
    contents(join(copy, "scripts", folder)).flatMap((file) => (file.endsWith(".mjs") ? [`./${folder}/${file}`] : [])),
  );
  expect(files.length).toBeGreaterThan(40);
  const loadAll = `for (const file of ${JSON.stringify(files)}) await import(file).catch((error) => console.log(file, error.message));`;
  writeFileSync(join(copy, "scripts", "load-all.mjs"), loadAll);
  const loading = new Command(process.execPath, ["scripts/load-all.mjs"], copy, newUser(newFolder("home")));
  onTestFinished(() => loading.end());
  expect(await loading.ended).toMatchObject({ code: 0, output: "" });
});

test("npm run handouts in a fresh clone says what is wrong with an option before anything is set up", async () => {
  const copy = untouchedCopy();
  const { code, output } = await npmRun(copy, "handouts", "--", "--paper", "a5");
  expect(output).toMatch(/^✗ --paper is a4 or letter, not a5\.$/m);
  expect(code).toBe(1);
  expect(has(copy, "node_modules")).toBe(false);
});

test("what a task misses is told, with its remedy", async () => {
  const path = newFolder("path");
  const env = newUser(newFolder("home"), { PATH: path });
  const bench = await new Command(process.execPath, ["scripts/bench.mjs"], untouchedCopy(), env).ended;
  expect(bench).toMatchObject({ code: 1, output: expect.stringMatching(/^✗ Python 3\.10 or newer is missing: /) });
  const lint = await new Command(process.execPath, ["scripts/task.mjs", "lint"], untouchedCopy(), env).ended;
  expect(lint).toMatchObject({ code: 1, output: expect.stringMatching(/^✗ npm is missing: /) });
});

test("a task that there is not", async () => {
  const env = newUser(newFolder("home"));
  const { code, output } = await new Command(process.execPath, ["scripts/task.mjs", "lnt"], untouchedCopy(), env).ended;
  expect(output).toBe('✗ There is no task "lnt": take one of lint, format, types, build, gallery, soak.\n');
  expect(code).toBe(1);
});

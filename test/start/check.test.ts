import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Command } from "../support/command.js";
import { newUser } from "../support/new-user.js";
import { addBuild, addPackages, contents, freshCopy, newFolder } from "./project-copy.js";

const check = (copy: string, shell = 'exec "$0" scripts/check.mjs') =>
  new Command("sh", ["-c", shell, process.execPath], copy, newUser(newFolder("home"))).ended;

test("in a fresh clone every line that is missing has its remedy, nothing is installed, and the status is 1", async () => {
  const copy = freshCopy();
  const before = contents(copy);
  const { code, output } = await check(copy);
  expect(code).toBe(1);
  const missing = output.split("\n").filter((line) => line.startsWith("✗"));
  expect(missing).toEqual([
    expect.stringMatching(/^✗ npm packages .*: run `npm start`/),
    expect.stringMatching(/^✗ koffi .*: run `npm start`/),
    expect.stringMatching(/^✗ kernel-helpers .*: run `npm start`/),
    expect.stringMatching(/^✗ JupyterLab .*: run `npm start`/),
    expect.stringMatching(/^✗ The kernel spec tslab .*: run `npm start`/),
  ]);
  expect(output).toContain(`✓ Node ${process.versions.node}\n`);
  expect(output).toMatch(/✓ Python 3\.\d+\.\d+\n/);
  expect(output).toContain("✓ TCP over 127.0.0.1\n");
  expect(output).toContain("✓ UDP over 127.0.0.1\n");
  expect(output).toMatch(/✓ Free ports below 32768, such as \d+\n/);
  expect(output).toContain("5 of 12 are missing.");
  expect(contents(copy)).toEqual(before);
});

test("a package of another version, and a build of other sources, are noticed", async () => {
  const copy = freshCopy();
  addPackages(copy);
  addBuild(copy);
  expect((await check(copy)).output).toMatch(/✓ npm packages\n✓ koffi calls libc\n✓ kernel-helpers built\n/);
  const lockfile = join(copy, "package-lock.json");
  const locked = JSON.parse(readFileSync(lockfile, "utf8"));
  locked.packages["node_modules/koffi"].version = "0.0.1";
  writeFileSync(lockfile, JSON.stringify(locked));
  writeFileSync(join(copy, "kernel-helpers", "src", "added.ts"), "export {};\n");
  const { code, output } = await check(copy);
  expect(output).toContain("✗ npm packages are not installed, or not those of package-lock.json");
  expect(output).toContain("✗ kernel-helpers is not built");
  expect(code).toBe(1);
});

test("few descriptors are a warning", async () => {
  const { output } = await check(freshCopy(), 'ulimit -n 512 && exec "$0" scripts/check.mjs');
  expect(output).toMatch(/^– Only 512 descriptors for each process: .*1024/m);
});

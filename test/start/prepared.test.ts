import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { ts } from "../contract/source.js";
import { Command } from "../support/command.js";
import { newUser } from "../support/new-user.js";
import { addBuild, addEnvironment, addPackages, copyWithoutTests, newFolder } from "./project-copy.js";

/*
 * Where something else prepares the machine: what Binder and a Dev Container run, run here.
 */

test("Binder's postBuild puts our kernel into the environment of the python in PATH", async () => {
  const copy = copyWithoutTests();
  addPackages(copy);
  addBuild(copy);
  // In the place of conda's environment, in which nothing else is looked for.
  const prefix = newFolder("environment");
  execFileSync("python3", ["-m", "venv", "--without-pip", prefix]);
  const home = newFolder("home");
  const cache = join(home, "npm cache");
  const path = [join(prefix, "bin"), process.env.PATH].join(delimiter);
  const child = new Command(join(copy, "postBuild"), [], copy, newUser(home, { PATH: path, npm_config_cache: cache }));
  expect(await child.ended).toMatchObject({ code: 0 });
  const spec = JSON.parse(readFileSync(join(prefix, "share", "jupyter", "kernels", "tslab", "kernel.json"), "utf8"));
  expect(spec.argv.at(-2)).toBe(join(copy, "kernel-helpers", "dist", "kernel", "launcher.js"));
  expect(existsSync(join(prefix, "share", "jupyter", "lab", "settings", "overrides.json"))).toBe(true);
});

test("the command of the Dev Container sets up, and leaves nothing that runs", async () => {
  const copy = copyWithoutTests();
  addPackages(copy);
  addBuild(copy);
  addEnvironment(copy);
  const file = ".devcontainer/devcontainer.json";
  const { config } = ts.parseConfigFileTextToJson(file, readFileSync(join(copy, file), "utf8"));
  const child = new Command("sh", ["-c", config.postCreateCommand], copy, newUser(newFolder("home")));
  const { code, output } = await child.ended;
  expect(output).toMatch(/^✓ Node .* JupyterLab 4.*\(\.venv\)$/m);
  expect(output).toMatch(/^4\.\d+\.\d+$/m);
  expect(output).not.toContain("127.0.0.1");
  expect(code).toBe(0);
});

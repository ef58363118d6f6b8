import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newUser } from "../support/new-user.js";
import { newFolder, project } from "./project-copy.js";

const SCRIPT = join(project, "scripts", "lib", "own_pip.py");

const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { env: newUser(newFolder("home")), encoding: "utf8" }).trim();

/** An environment without pip: the paths of its programs and of its packages. */
function environment() {
  const prefix = join(newFolder("environment"), "it's");
  run("python3", "-m", "venv", "--without-pip", prefix);
  const lib = join(prefix, "lib");
  const packages = join(lib, readdirSync(lib).find((name) => name.startsWith("python3")) ?? "", "site-packages");
  return { bin: (name: string) => join(prefix, "bin", name), packages };
}

test("an environment gets the pip that its Python brings, which works, and can be removed like any other", () => {
  const { bin, packages } = environment();
  expect(run(bin("python"), "-I", SCRIPT)).toBe("");
  const version = run(bin("python"), "-c", "import ensurepip; print(ensurepip.version())");
  for (const name of ["pip", "pip3"]) {
    expect(run(bin(name), "--version")).toMatch(
      new RegExp(`^pip ${version.replaceAll(".", "\\.")} from ${packages}/pip `),
    );
  }
  expect(run(bin("python"), "-m", "pip", "list", "--format=freeze")).toBe(`pip==${version}`);
  run(bin("python"), "-m", "pip", "uninstall", "--yes", "pip");
  expect(readdirSync(packages).filter((name) => name.startsWith("pip-"))).toEqual([]);
  expect(existsSync(join(packages, "pip", "__main__.py"))).toBe(false);
});

test("a pip that is there stays", () => {
  const { bin, packages } = environment();
  mkdirSync(join(packages, "pip"));
  const file = join(packages, "pip", "__init__.py");
  writeFileSync(file, "# a newer one\n");
  run(bin("python"), "-I", SCRIPT);
  expect(readFileSync(file, "utf8")).toBe("# a newer one\n");
  expect(readdirSync(join(packages, "pip"))).toEqual(["__init__.py"]);
});

test("where Python has its pip elsewhere, ensurepip is asked", () => {
  const { bin } = environment();
  const elsewhere = `
import ensurepip, sys, sysconfig
ensurepip.__file__ = "/nowhere/__init__.py"
ensurepip.bootstrap = lambda **how: print(how)
sysconfig.get_config_var = lambda _name: None
exec(open(sys.argv[1]).read())`;
  expect(run(bin("python"), "-I", "-c", elsewhere, SCRIPT)).toBe("{'default_pip': True}");
});

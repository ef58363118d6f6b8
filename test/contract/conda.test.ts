import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { inProject, readJson, readYaml, textOf } from "../support/project-files.js";
import { broken, closed, WORDS } from "../support/schema.js";

/** conda's names with a minor version, and nothing of pip: with it Binder would build anew for every commit. */
const SCHEMA = closed(
  {
    name: WORDS,
    channels: { const: ["conda-forge"] },
    dependencies: { type: "array", items: { type: "string", pattern: "^[a-z-]+=\\d+(\\.\\d+)?$" } },
  },
  ["name", "channels", "dependencies"],
);

/** What repo2docker takes instead of environment.yml, or beside it, when it is there. */
const RIVALS = [
  "binder",
  ".binder",
  "Dockerfile",
  "environment.yaml",
  "install.R",
  "Project.toml",
  "REQUIRE",
  "default.nix",
];

/** The version of a Python package that we pin, up to its minor number. */
const pinned = (name: string): string | undefined =>
  new RegExp(`^${name}==(\\d+\\.\\d+)`, "m").exec(textOf("requirements.txt"))?.[1];

/** Where the version of each package comes from. Python's is free: any that we support. */
const WANTED: Readonly<Record<string, () => string | undefined>> = {
  nodejs: () => textOf(".nvmrc").trim(),
  jupyterlab: () => pinned("jupyterlab"),
  nbconvert: () => pinned("nbconvert"),
  "flit-core": () => pinned("flit-core"),
  python: () => "3.12",
};

function faults(text: string): string[] {
  const value = readYaml(text) as { dependencies: string[] };
  const shape = broken(SCHEMA, value);
  if (shape.length > 0) return shape;
  const found = Object.fromEntries(value.dependencies.map((one) => one.split("=") as [string, string]));
  const names = new Set([...Object.keys(found), ...Object.keys(WANTED)]);
  return [...names].flatMap((name) => {
    const wanted = WANTED[name]?.();
    if (wanted === undefined) return [`nobody says which ${name} is wanted`];
    return found[name] === wanted ? [] : [`${name} is ${found[name]}, and ${wanted} is pinned`];
  });
}

test("environment.yml has the versions that are pinned elsewhere, and nothing else", () => {
  expect(faults(textOf("environment.yml"))).toEqual([]);
});

test("repo2docker finds environment.yml, and nothing that it would rather have", () => {
  expect(RIVALS.filter((name) => existsSync(inProject(name)))).toEqual([]);
});

test("postBuild is a program for bash, as git has it", () => {
  const [mode] = execFileSync("git", ["ls-files", "--stage", "postBuild"], {
    cwd: inProject("."),
    encoding: "utf8",
  }).split(" ");
  expect(mode).toBe("100755");
  expect(textOf("postBuild")).toMatch(/^#!\/bin\/bash\n/);
  execFileSync("bash", ["-n", inProject("postBuild")]);
});

test(".nvmrc is a version that package.json allows", () => {
  const oldest = Number(/^>=(\d+)\./.exec((readJson("package.json").engines as { node: string }).node)?.[1]);
  expect(textOf(".nvmrc")).toMatch(/^\d+\n$/);
  expect(Number(textOf(".nvmrc"))).toBeGreaterThanOrEqual(oldest);
});

describe("what is wrong is found", () => {
  test.each([
    ["jupyterlab=4.6", "jupyterlab=4.5", /jupyterlab is 4\.5/],
    ["nodejs=24", "nodejs=20", /nodejs is 20, and 24/],
    ["  - nbconvert=7.17\n", "", /nbconvert is undefined/],
    ["nbconvert=7.17", "nbconvert", /dependencies\/3 must match/],
    ["  - python=3.12\n", "  - python=3.12\n  - scipy=1.1\n", /which scipy is wanted/],
    ["  - nbconvert=7.17", "  - pip:\n    - nbconvert", /must be string/],
    ["conda-forge\ndep", "defaults\ndep", /channels must be equal/],
  ])("%s → %s", (right, wrong, words) => {
    const text = textOf("environment.yml");
    expect(text).toContain(right);
    expect(faults(text.replace(right, wrong)).join("\n")).toMatch(words);
  });
});

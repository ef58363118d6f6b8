import { ownEnvironment } from "./lib/environment.mjs";
import { Problem, runMain } from "./lib/problem.mjs";
import { run } from "./lib/run.mjs";
import { setUp, setUpPackages } from "./lib/setup.mjs";
import { endOnSignals } from "./lib/signals.mjs";

// npm run lint, format, types, build, gallery, bench, soak: each brings into place what it needs, also in a fresh clone,
// and then runs its program in Node. Arguments go to that program: npm run bench -- round-trip

const BIOME = ["node_modules/@biomejs/biome/bin/biome", "check"];
const TSC = ["node_modules/typescript/bin/tsc", "-p"];
const VITEST = ["node_modules/vitest/vitest.mjs", "run"];

/** @typedef {"packages" | "helpers" | "all"} Needs the npm packages; also kernel-helpers, built; also JupyterLab */

/** @type {Readonly<Record<string, [needs: Needs, args: string[], files: string[]]>>} `files`: when none are named */
const TASKS = {
  lint: ["packages", BIOME, ["."]],
  format: ["packages", [...BIOME, "--write"], ["."]],
  types: ["helpers", [...TSC, "tsconfig.json"], []],
  build: ["helpers", [...TSC, "kernel-helpers"], []],
  gallery: ["helpers", ["scripts/gallery.mjs"], []],
  soak: ["helpers", [...VITEST, "--config", "vitest.soak.config.ts"], []],
  bench: ["all", [...VITEST, "--config", "vitest.bench.config.ts"], []],
};

/** What the program finds in its environment. @param {Needs} needs @returns {Promise<NodeJS.ProcessEnv>} */
async function prepare(needs) {
  if (needs !== "all") {
    await setUpPackages(needs === "helpers");
    return process.env;
  }
  const { executable, prefix } = await setUp("all", ownEnvironment);
  return { ...process.env, WORKSHOP_PYTHON: executable, WORKSHOP_PREFIX: prefix };
}

await runMain(async () => {
  const [name = "", ...own] = process.argv.slice(2);
  const task = TASKS[name];
  if (!task) throw new Problem(`There is no task "${name}": take one of ${Object.keys(TASKS).join(", ")}.`);
  const [needs, args, files] = task;
  const env = await prepare(needs);
  endOnSignals();
  const { code } = await run(process.execPath, [...args, ...(own.length > 0 ? own : files)], { env, show: true });
  return code ?? 1;
});

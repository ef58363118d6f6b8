import { Problem, runMain } from "./lib/problem.mjs";
import { run } from "./lib/run.mjs";
import { setUpPackages } from "./lib/setup.mjs";
import { endOnSignals } from "./lib/signals.mjs";

// npm run lint, format, types, build, gallery, soak: each brings into place what it needs, also in a fresh clone, and then runs
// its program in Node. Arguments go to that program: npm run lint -- scripts

const BIOME = ["node_modules/@biomejs/biome/bin/biome", "check"];
const TSC = ["node_modules/typescript/bin/tsc", "-p"];
const VITEST = ["node_modules/vitest/vitest.mjs", "run"];

/** @typedef {"packages" | "helpers"} Needs the npm packages; also kernel-helpers, built */

/** @type {Readonly<Record<string, [needs: Needs, args: string[], files: string[]]>>} `files`: when none are named */
const TASKS = {
  lint: ["packages", BIOME, ["."]],
  format: ["packages", [...BIOME, "--write"], ["."]],
  types: ["helpers", [...TSC, "tsconfig.json"], []],
  build: ["helpers", [...TSC, "kernel-helpers"], []],
  gallery: ["helpers", ["scripts/gallery.mjs"], []],
  soak: ["helpers", [...VITEST, "--config", "vitest.soak.config.ts"], []],
};

await runMain(async () => {
  const [name = "", ...own] = process.argv.slice(2);
  const task = TASKS[name];
  if (!task) throw new Problem(`There is no task "${name}": take one of ${Object.keys(TASKS).join(", ")}.`);
  const [needs, args, files] = task;
  await setUpPackages(needs === "helpers");
  endOnSignals();
  const { code } = await run(process.execPath, [...args, ...(own.length > 0 ? own : files)], { show: true });
  return code ?? 1;
});

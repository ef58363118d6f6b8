import { existsSync, rmSync } from "node:fs";
import { ownEnvironment } from "./lib/environment.mjs";
import { runMain } from "./lib/problem.mjs";
import { inProject } from "./lib/project.mjs";
import { run } from "./lib/run.mjs";
import { setUp } from "./lib/setup.mjs";
import { endOnSignals } from "./lib/signals.mjs";
import { tally } from "./lib/tally.mjs";

// npm test: sets up, then lint, format, types, every test, and the measurements, up to the first that fails.
// Arguments go to vitest, and then it alone runs: npm test -- test/unit

const VITEST = ["node_modules/vitest/vitest.mjs", "run"];
const REPORTS = [inProject("test-artifacts", "tests.json"), inProject("test-artifacts", "bench.json")];

/** @param {number} which of the REPORTS */
const reporters = (which) => ["--reporter=default", "--reporter=json", `--outputFile.json=${REPORTS[which]}`];

// It colours each letter of a log, and does not know NO_COLOR.
const plain = process.stdout.isTTY ? [] : ["--colors=off"];

/** @type {Array<[name: string, args: string[]]>} each runs in Node */
const STEPS = [
  ["Lint and format", ["node_modules/@biomejs/biome/bin/biome", "ci", ...plain, "."]],
  ["Types", ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"]],
  ["Tests", [...VITEST, ...reporters(0)]],
  ["Measurements", [...VITEST, ...reporters(1), "--config", "vitest.bench.config.ts"]],
];

await runMain(async () => {
  // Always our own .venv: the tests run with the pinned versions, whatever environment is active.
  const environment = await setUp("all", ownEnvironment);
  endOnSignals();
  const env = { ...process.env, WORKSHOP_PYTHON: environment.executable, WORKSHOP_PREFIX: environment.prefix };
  const own = process.argv.slice(2);
  /** @type {typeof STEPS} */
  const steps = own.length > 0 ? [["Tests", [...VITEST, ...own]]] : STEPS;
  for (const path of REPORTS) rmSync(path, { force: true });
  for (const [name, args] of steps) {
    console.log(`\n— ${name}`);
    const { code } = await run(process.execPath, args, { env, show: true });
    if (code === 0) continue;
    console.log(`\n✗ ${name}: failed. The steps after it were not run.`);
    if (REPORTS.some((path) => existsSync(path))) console.log(tally(REPORTS));
    return 1;
  }
  if (own.length === 0) console.log(`\n✓ ${steps.map(([name]) => name).join(", ")}\n${tally(REPORTS)}`);
  return 0;
});

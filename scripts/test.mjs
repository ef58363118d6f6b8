import { existsSync, rmSync } from "node:fs";
import { ownEnvironment } from "./lib/environment.mjs";
import { runMain } from "./lib/problem.mjs";
import { inProject } from "./lib/project.mjs";
import { run } from "./lib/run.mjs";
import { setUp } from "./lib/setup.mjs";
import { endOnSignals } from "./lib/signals.mjs";
import { tally } from "./lib/tally.mjs";

// npm test: sets up, then lint, format, types and every test, up to the first that fails. How fast things are judges `npm run bench`: a
// machine that does other things as well fails no test.
// Arguments go to vitest, and then it alone runs: npm test -- test/unit

const VITEST = ["node_modules/vitest/vitest.mjs", "run"];
const REPORT = inProject("test-artifacts", "tests.json");

// It colours each letter of a log, and does not know NO_COLOR.
const plain = process.stdout.isTTY ? [] : ["--colors=off"];

/** @type {Array<[name: string, args: string[]]>} each runs in Node */
const STEPS = [
  ["Lint and format", ["node_modules/@biomejs/biome/bin/biome", "ci", ...plain, "."]],
  ["Types", ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"]],
  ["Tests", [...VITEST, "--reporter=default", "--reporter=json", `--outputFile.json=${REPORT}`]],
];

await runMain(async () => {
  // Always our own .venv: the tests run with the pinned versions, whatever environment is active.
  const environment = await setUp("all", ownEnvironment);
  endOnSignals();
  const env = { ...process.env, WORKSHOP_PYTHON: environment.executable, WORKSHOP_PREFIX: environment.prefix };
  const own = process.argv.slice(2);
  /** @type {typeof STEPS} */
  const steps = own.length > 0 ? [["Tests", [...VITEST, ...own]]] : STEPS;
  rmSync(REPORT, { force: true });
  for (const [name, args] of steps) {
    console.log(`\n— ${name}`);
    const { code } = await run(process.execPath, args, { env, show: true });
    if (code === 0) continue;
    console.log(`\n✗ ${name}: failed. The steps after it were not run.`);
    if (existsSync(REPORT)) console.log(tally(REPORT));
    return 1;
  }
  if (own.length === 0) console.log(`\n✓ ${steps.map(([name]) => name).join(", ")}\n${tally(REPORT)}`);
  return 0;
});

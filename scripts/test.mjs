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

/** @typedef {[name: string, args: string[]]} Step it runs in Node */

/** @type {Step[]} */
const CHECKS = [
  ["Lint and format", ["node_modules/@biomejs/biome/bin/biome", "ci", "--colors=off", "."]],
  ["Types", ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"]],
];
/** @type {Step} */
const TESTS = ["Tests", [...VITEST, "--reporter=default", "--reporter=json", `--outputFile.json=${REPORT}`]];

/** @param {string} name */
function failed(name) {
  console.log(`\n✗ ${name}: failed. The steps after it were not run.`);
  if (existsSync(REPORT)) console.log(tally(REPORT));
  return 1;
}

await runMain(async () => {
  const own = process.argv.slice(2);
  rmSync(REPORT, { force: true });
  /** @type {Array<{ name: string, ended: ReturnType<typeof run> }>} */
  let checks = [];
  // Always our own .venv: the tests run with the pinned versions, whatever environment is active.
  const environment = await setUp("all", ownEnvironment, () => {
    if (own.length === 0) checks = CHECKS.map(([name, args]) => ({ name, ended: run(process.execPath, args) }));
  });
  endOnSignals();
  for (const { name, ended } of checks) {
    const { code, output } = await ended;
    console.log(`\n— ${name}\n${output.trimEnd()}`);
    if (code !== 0) return failed(name);
  }
  const env = { ...process.env, WORKSHOP_PYTHON: environment.executable, WORKSHOP_PREFIX: environment.prefix };
  const [name, args] = own.length > 0 ? [TESTS[0], [...VITEST, ...own]] : TESTS;
  console.log(`\n— ${name}`);
  const { code } = await run(process.execPath, args, { env, show: true });
  if (code !== 0) return failed(name);
  if (own.length === 0) console.log(`\n✓ ${[...CHECKS, TESTS].map(([step]) => step).join(", ")}\n${tally(REPORT)}`);
  return 0;
});

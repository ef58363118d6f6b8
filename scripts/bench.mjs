import { readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { ownEnvironment } from "./lib/environment.mjs";
import { readOptions } from "./lib/options.mjs";
import { Problem, runMain } from "./lib/problem.mjs";
import { inProject } from "./lib/project.mjs";
import { run } from "./lib/run.mjs";
import { setUp } from "./lib/setup.mjs";
import { endOnSignals } from "./lib/signals.mjs";

// npm run bench: sets up what it needs, measures, and ends with one table.
//   npm run bench -- calls streams     only these groups
//   npm run bench -- kernel --deno     Deno's kernel too, which is fetched from npm once
const FOLDER = "test/bench";
const ENDING = ".test.ts";
/** The group in which Deno is. */
const WITH_DENO = "kernel";
const VITEST = ["node_modules/vitest/vitest.mjs", "run", "--config", "vitest.bench.config.ts"];

/** The groups of figures: a file each. */
function groups() {
  const files = readdirSync(inProject(FOLDER)).filter((name) => name.endsWith(ENDING));
  return files.map((name) => name.slice(0, -ENDING.length)).sort();
}

/** @param {readonly string[]} all */
function chosen(all) {
  const use = `npm run bench takes names of groups (${all.join(", ")}; all of them when none is named) and --deno.`;
  const { values, positionals } = readOptions(
    () => parseArgs({ options: { deno: { type: "boolean" } }, allowPositionals: true }),
    use,
  );
  const unknown = positionals.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Problem(`There is no group "${unknown}". ${use}`);
  const deno = values.deno === true;
  if (deno && positionals.length > 0 && !positionals.includes(WITH_DENO))
    throw new Problem(`Deno is measured in the group "${WITH_DENO}": npm run bench -- ${WITH_DENO} --deno`);
  return { names: positionals, deno };
}

await runMain(async () => {
  const { names, deno } = chosen(groups());
  const { executable, prefix } = await setUp("all", ownEnvironment);
  const env = {
    ...process.env,
    WORKSHOP_PYTHON: executable,
    WORKSHOP_PREFIX: prefix,
    WORKSHOP_BENCH_DENO: deno ? "1" : "0",
  };
  endOnSignals();
  const files = names.map((name) => `${FOLDER}/${name}${ENDING}`);
  const { code } = await run(process.execPath, [...VITEST, ...files], { env, show: true });
  return code ?? 1;
});

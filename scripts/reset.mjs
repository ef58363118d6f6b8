import { parseArgs } from "node:util";
import { ask } from "./lib/ask.mjs";
import { differences } from "./lib/differences.mjs";
import { forgetRuns } from "./lib/notebook-filter.mjs";
import { readOptions } from "./lib/options.mjs";
import { notebooks, originals } from "./lib/originals.mjs";
import { runMain } from "./lib/problem.mjs";
import { reading } from "./lib/refused.mjs";
import { chosen, keep, putBack } from "./lib/reset.mjs";
import { insistOnNotebooks, namedFolder } from "./lib/reset-folder.mjs";

// Puts the notebooks back to what the workshop ships. What the learner wrote in them is kept.
//   npm run reset -- [NOTEBOOK …] [--yes] [--from=COMMIT] [--folder=FOLDER]
// NOTEBOOK is a number, such as 01, a name or how it begins, by default all; --yes does not ask; COMMIT is where git finds the
// notebooks, if not where this clone was taken from; FOLDER is one to which a learner's notebooks were copied.

const OPTIONS = /** @type {const} */ ({
  yes: { type: "boolean", short: "y" },
  from: { type: "string" },
  folder: { type: "string" },
});

const USE = "Use: npm run reset -- [NOTEBOOK …] [--yes] [--from=COMMIT] [--folder=FOLDER]";

await runMain(async () => {
  const { values, positionals } = readOptions(() => parseArgs({ options: OPTIONS, allowPositionals: true }), USE);
  const folder = values.folder === undefined ? notebooks : namedFolder(values.folder);
  const { from, files } = originals(folder, values.from);
  if (folder !== notebooks) insistOnNotebooks(folder, files);
  const wanted = chosen(files, positionals);
  const found = reading(folder, () => differences(folder, wanted));
  console.log(`  Compared with ${from}:`);
  if (found.length === 0) {
    console.log("✓ Nothing to put back.");
    return 0;
  }
  for (const { path, how } of found) console.log(`    ${path}: ${how}`);
  if (!values.yes) {
    console.log("  What is open in JupyterLab: save it first. Only what is on the disk can be kept.");
    const question = `  Put ${found.length === 1 ? "it" : `these ${found.length}`} back? What you wrote is kept. [y/N] `;
    if (!(await ask(question, "npm run reset -- --yes"))) {
      console.log("  Nothing was changed.");
      return 0;
    }
  }
  const kept = keep(folder, found);
  putBack(folder, found);
  // Git may know the sizes that the files had after a run, and would take what was put back for changed.
  if (folder === notebooks) forgetRuns();
  console.log(`✓ Put back: ${found.map(({ path }) => path).join(", ")}`);
  if (kept) console.log(`  What you wrote is in ${kept}`);
  console.log(
    "  Is one open in JupyterLab? Choose File → Reload Notebook from Disk there. If it asks about a changed file: Revert.",
  );
  return 0;
});

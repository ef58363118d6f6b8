import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { referenceCard } from "./handouts/card.mjs";
import { executeChanged } from "./handouts/execute.mjs";
import { cellsOf, minutesSaid, partsOf } from "./handouts/minutes.mjs";
import { readNotes, withMinutes } from "./handouts/notes.mjs";
import { PdfPrinter } from "./handouts/printing.mjs";
import { ownEnvironment } from "./lib/environment.mjs";
import { readOptions } from "./lib/options.mjs";
import { Problem, runMain } from "./lib/problem.mjs";
import { inProject, root, textOf } from "./lib/project.mjs";
import { run } from "./lib/run.mjs";
import { setUp } from "./lib/setup.mjs";
import { endOnSignals } from "./lib/signals.mjs";
import { insist, step } from "./lib/step.mjs";

// npm run handouts: runs the notebooks, and writes them as pages and as PDF, for learners and for instructors.
//   npm run handouts -- --paper letter          (or a4, which is the default; or both, each with a --paper)
// --notebooks and --out name other folders than notebooks/ and handouts/; --no-pdf leaves the PDF out.

const EDITIONS = ["learner", "instructor"];
const PAPERS = ["a4", "letter"];

function options() {
  const parse = () =>
    parseArgs({
      options: {
        paper: { type: "string", multiple: true, default: ["a4"] },
        notebooks: { type: "string", default: inProject("notebooks") },
        out: { type: "string", default: inProject("handouts") },
        "no-pdf": { type: "boolean", default: false },
      },
    });
  const { values } = readOptions(parse, "The options are --paper a4 or letter, and --no-pdf.");
  const unknown = values.paper.find((paper) => !PAPERS.includes(paper));
  if (unknown !== undefined) throw new Problem(`--paper is ${PAPERS.join(" or ")}, not ${unknown}.`);
  return { ...values, paper: [...new Set(values.paper)] };
}

/** @param {string} folder @param {string} kept */
function notebooksIn(folder, kept) {
  // What JupyterLab calls Untitled nobody has named yet: it was tried out, and can be gone the next moment.
  const names = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((file) => file.endsWith(".ipynb") && !file.startsWith("Untitled"))
    .map((file) => basename(file, ".ipynb"))
    .sort();
  if (names.length === 0) throw new Problem(`There is no notebook in ${folder}.`);
  return names.map((name) => ({ name, file: join(folder, `${name}.ipynb`), executed: join(kept, `${name}.ipynb`) }));
}

/** What the pages of a notebook need beside its outputs. @param {import("./handouts/execute.mjs").Notebook} notebook */
function described({ name, file, executed }) {
  const cells = cellsOf(file);
  const notes = withMinutes(readNotes(inProject("instructor", `${name}.md`)), partsOf(cells));
  return { name, executed, minutes: minutesSaid(cells), notes };
}

await runMain(async () => {
  const { paper: papers, notebooks: folder, out, "no-pdf": noPdf } = options();
  // Always our own .venv: pages come out the same on every machine.
  const environment = await setUp("start", ownEnvironment);
  endOnSignals();
  const kept = join(out, ".kept");
  mkdirSync(kept, { recursive: true });
  const notebooks = notebooksIn(folder, kept);
  const ran = await executeChanged(environment, notebooks);
  if (ran < notebooks.length)
    console.log(
      `✓ ${notebooks.length - ran} of ${notebooks.length} notebooks ${notebooks.length - ran === 1 ? "has" : "have"} not changed`,
    );

  const printer = noPdf ? PdfPrinter.none("--no-pdf") : await PdfPrinter.find(environment.executable);
  const card = referenceCard();
  for (const edition of EDITIONS) {
    const printed = papers.map((paper) => ({
      paper,
      book: `socket-workshop-${edition}-${paper}.pdf`,
      card: `reference-card-${paper}.pdf`,
      bookHtml: join(kept, `${edition}-${paper}.html`),
      cardHtml: join(kept, `card-${paper}.html`),
    }));
    const plan = {
      edition,
      card,
      out: join(out, edition),
      guide: edition === "instructor" ? textOf(inProject("INSTRUCTOR.md")) : null,
      notebooks: notebooks.map(described),
      printed: printer.works ? printed : [],
    };
    const planFile = join(kept, `${edition}.json`);
    writeFileSync(planFile, JSON.stringify(plan));
    await step(`Writing the ${edition}'s pages`, async () => {
      rmSync(plan.out, { recursive: true, force: true });
      const ended = await run(environment.executable, [inProject("scripts", "handouts", "build.py"), planFile]);
      insist(ended, "The pages could not be written");
    });
    for (const { book, card, bookHtml, cardHtml, paper } of plan.printed) {
      const all = await printer.print(bookHtml, `Printing the ${edition}'s PDF (${paper})`, { numbered: true });
      const sheet = await printer.print(cardHtml, `Printing the reference card (${paper})`);
      copyFileSync(all, join(plan.out, book));
      copyFileSync(sheet, join(plan.out, card));
    }
  }
  if (!printer.works) console.log(`– No PDF: ${printer.reason}.`);
  const shown = EDITIONS.map((edition) => join(relative(root, out) || ".", edition, "index.html"));
  console.log(`✓ ${shown.join("\n✓ ")}`);
  return 0;
});

import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { fingerprint } from "../lib/fingerprint.mjs";
import { inProject, textOf } from "../lib/project.mjs";
import { run } from "../lib/run.mjs";
import { insist, step } from "../lib/step.mjs";
import { chromiumProblem, findChromium, print } from "./chromium.mjs";

const NUMBERS = inProject("scripts", "handouts", "number_pages.py");
const HOW =
  "Chromium or Chrome is not in PATH: on Debian `sudo apt install chromium`, elsewhere install Google Chrome, then run the same command again";

/** Prints HTML files with the machine's Chromium, each again only when it has changed. */
export class PdfPrinter {
  /**
   * @param {string | undefined} chromium
   * @param {string} python
   * @param {string} reason why nothing is printed
   */
  constructor(chromium, python, reason) {
    this.chromium = chromium;
    this.python = python;
    this.reason = reason;
  }

  /** @param {string} reason */
  static none(reason) {
    return new PdfPrinter(undefined, "", reason);
  }

  /** @param {string} python one that has pypdf */
  static async find(python) {
    const chromium = findChromium();
    if (chromium === undefined) return PdfPrinter.none(HOW);
    const problem = await chromiumProblem(chromium);
    return problem === undefined ? new PdfPrinter(chromium, python, "") : PdfPrinter.none(problem);
  }

  get works() {
    return this.chromium !== undefined;
  }

  /**
   * @param {string} html
   * @param {string} what for the progress line
   * @param {{ numbered?: boolean }} [options] `numbered`: the document has contents, whose numbers come from a first print
   * @returns {Promise<string>} the PDF's path
   */
  async print(html, what, { numbered = false } = {}) {
    const pdf = html.replace(/\.html$/, ".pdf");
    const mark = `${pdf}.printed`;
    const wanted = fingerprint([html], this.chromium);
    if (textOf(mark) === wanted && existsSync(pdf)) return pdf;
    const chromium = this.chromium ?? "";
    await step(what, async () => {
      if (!numbered) return print(chromium, html, pdf);
      const first = html.replace(/\.html$/, "-first.pdf");
      const second = html.replace(/\.html$/, "-numbered.html");
      await print(chromium, html, first);
      copyFileSync(html, second);
      insist(await run(this.python, [NUMBERS, first, second]), "The contents could not be given their page numbers");
      return print(chromium, second, pdf);
    });
    writeFileSync(mark, wanted);
    return pdf;
  }
}

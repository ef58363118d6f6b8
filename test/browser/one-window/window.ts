import type { Page } from "playwright-core";
import { type Lab, NotebookPage, openLab } from "../../support/lab/index.js";

/** One JupyterLab and one window of a browser, in which one notebook after the other is opened. */
export class OneWindow {
  private lab: Lab | undefined;

  /** Starts both for the first notebook; the next ones are opened as a learner does it. */
  async open(path: string): Promise<NotebookPage> {
    if (this.lab) return NotebookPage.open(this.lab.page, path);
    this.lab = await openLab(path);
    return this.lab.notebook;
  }

  get page(): Page {
    if (!this.lab) throw new Error("No notebook was opened.");
    return this.lab.page;
  }

  async stop(): Promise<void> {
    await this.lab?.stop();
  }
}

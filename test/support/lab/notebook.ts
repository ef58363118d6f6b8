import type { JSHandle, Locator, Page } from "playwright-core";
import { PATIENCE_MS } from "../time.js";
import { measureLines, type ShownLine } from "./columns.js";
import { artifact } from "./folders.js";
import type { InPage, Panel } from "./in-page.js";
import { pick } from "./menus.js";
import { isDrawn, readCells, type ShownCell } from "./outputs.js";
import { measureSizes, type ShownSizes } from "./shown-size.js";

const PATIENCE = { timeout: PATIENCE_MS, polling: 50 };

/** The notebook that is open in JupyterLab, worked with as a learner does: by menus, buttons and keys. */
export class NotebookPage {
  private constructor(
    readonly page: Page,
    private readonly panel: JSHandle<Panel>,
    readonly path: string,
  ) {}

  /** The notebook of this path, when it is the one in front and its kernel is idle. */
  static async inFront(page: Page, path: string): Promise<NotebookPage> {
    const panel = await page.waitForFunction(
      (wanted) => {
        const front = (globalThis as unknown as InPage).jupyterapp?.shell.currentWidget;
        if (front?.context?.path !== wanted || !front.context.isReady) return undefined;
        return front.sessionContext?.session?.kernel?.status === "idle" ? front : undefined;
      },
      path,
      PATIENCE,
    );
    return new NotebookPage(page, panel as JSHandle<Panel>, path);
  }

  /** Opens a notebook in JupyterLab. */
  static async open(page: Page, path: string): Promise<NotebookPage> {
    await page.evaluate(async (wanted) => {
      await (globalThis as unknown as InPage).jupyterapp?.commands.execute("docmanager:open", { path: wanted });
    }, path);
    return NotebookPage.inFront(page, path);
  }

  /** Run → Run All Cells, to the end or to the first cell that fails. */
  async runAll(): Promise<void> {
    const before = await this.lastCount();
    await pick(this.page, "Run", "Run All Cells");
    await this.ended(before);
  }

  /** Run → Restart Kernel and Run All Cells…, and the answer to its question. */
  async restartAndRunAll(): Promise<void> {
    await pick(this.page, "Run", "Restart Kernel and Run All Cells…");
    await this.page.locator(".jp-Dialog").getByRole("button", { name: "Confirm Kernel Restart" }).click();
    await this.page.waitForFunction(
      (panel) => panel.content.widgets.some(({ model }) => model.executionCount === 1 && model.type === "code"),
      this.panel,
      PATIENCE,
    );
    await this.ended(0);
  }

  /** Selects a cell, in command mode. */
  async select(id: string): Promise<void> {
    await this.panel.evaluate((panel, wanted) => {
      const index = panel.content.widgets.findIndex(({ model }) => model.id === wanted);
      if (index < 0) throw new Error(`There is no cell ${wanted}.`);
      panel.content.activeCellIndex = index;
      panel.content.mode = "command";
      panel.content.widgets[index]?.node.scrollIntoView({ block: "center" });
    }, id);
    await this.active().locator(".jp-InputPrompt, .jp-MarkdownOutput").first().click();
  }

  /** Replaces the source of a cell. */
  write(id: string, source: string): Promise<void> {
    return this.panel.evaluate(
      (panel, [wanted, text]) =>
        panel.content.widgets.find(({ model }) => model.id === wanted)?.model.sharedModel.setSource(text),
      [id, source] as const,
    );
  }

  /** Puts the cursor behind the first occurrence of `after` in a cell. */
  async edit(id: string, after: string): Promise<void> {
    await this.select(id);
    await this.page.keyboard.press("Enter");
    await this.panel.evaluate(
      (panel, [wanted, text]) => {
        const cell = panel.content.widgets.find(({ model }) => model.id === wanted);
        const offset = cell?.model.sharedModel.getSource().indexOf(text) ?? -1;
        if (!cell?.editor || offset < 0) throw new Error(`There is no "${text}" in ${wanted}.`);
        cell.editor.setCursorPosition(cell.editor.getPositionAt(offset + text.length));
      },
      [id, after] as const,
    );
  }

  /** Runs the selected cell and waits for its end: Control-Enter stays on it, Shift-Enter goes to the next. */
  async press(key: "Control+Enter" | "Shift+Enter"): Promise<void> {
    const before = await this.lastCount();
    await this.page.keyboard.press(key);
    await this.ended(before);
  }

  /** Runs the selected cell and does not wait. */
  async pressAndGoOn(): Promise<void> {
    await this.page.keyboard.press("Shift+Enter");
  }

  /** Runs each code cell twice, going down from cell to cell, by the keyboard alone. */
  async runEachTwice(): Promise<void> {
    const types = await this.panel.evaluate((panel) => {
      panel.content.activeCellIndex = 0;
      return panel.content.widgets.map(({ model }) => model.type);
    });
    await this.active().locator(".jp-InputPrompt").first().click();
    // Shift-Enter on the last cell of a notebook would make a new one.
    const last = types.length - 1;
    for (const type of types.slice(0, last)) {
      if (type === "code") await this.press("Control+Enter");
      await (type === "code" ? this.press("Shift+Enter") : this.pressAndGoOn());
    }
    for (let time = 0; time < 2 && types[last] === "code"; time++) await this.press("Control+Enter");
  }

  /** What the page shows of each code cell, when it has drawn all outputs and loaded all images. */
  async cells(): Promise<ShownCell[]> {
    await this.page.waitForFunction(isDrawn, this.panel, PATIENCE);
    return this.panel.evaluate(readCells);
  }

  async cell(id: string): Promise<ShownCell> {
    const found = (await this.cells()).find((cell) => cell.id === id);
    if (!found) throw new Error(`There is no code cell ${id}.`);
    return found;
  }

  /** How wide the lines of a cell's first text output are. */
  async lines(id: string): Promise<ShownLine[]> {
    await this.page.waitForFunction(isDrawn, this.panel, PATIENCE);
    return this.page.evaluate(measureLines, [this.panel, id] as const);
  }

  /** How large everything is shown that the cells have shown. */
  async sizes(): Promise<ShownSizes> {
    await this.page.waitForFunction(isDrawn, this.panel, PATIENCE);
    return this.panel.evaluate(measureSizes);
  }

  /** Waits until the output of a cell has this text. */
  async shows(id: string, text: string, patience = PATIENCE_MS): Promise<void> {
    await this.page.waitForFunction(
      ([panel, wanted, expected]) =>
        panel.content.widgets
          .find(({ model }) => model.id === wanted)
          ?.node.querySelector(".jp-OutputArea")
          ?.textContent.includes(expected),
      [this.panel, id, text] as const,
      { timeout: patience, polling: 50 },
    );
  }

  /** Waits until no cell runs and the kernel is idle. */
  async idle(patience = PATIENCE_MS): Promise<void> {
    await this.ended(-1, patience);
  }

  /** Saves a picture of the whole page, with this cell at the top of the notebook. */
  async screenshot(name: string, top?: string): Promise<void> {
    if (top !== undefined) {
      await this.panel.evaluate((panel, wanted) => {
        const cell = panel.content.widgets.find(({ model }) => model.id === wanted);
        cell?.node.scrollIntoView({ block: "start" });
      }, top);
    }
    await this.page.screenshot({ path: artifact(`${name}.png`) });
  }

  /** The cell that is selected. */
  active(): Locator {
    return this.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell.jp-mod-active");
  }

  /** Closes the notebook's tab, and throws away what has not been saved. */
  async close(): Promise<void> {
    await pick(this.page, "File", "Close Tab");
    const asked = await this.page.waitForFunction(
      (panel) => {
        const question = (globalThis as unknown as InPage).document.querySelector(".jp-Dialog");
        return question ? "asked" : panel.isDisposed && "closed";
      },
      this.panel,
      PATIENCE,
    );
    if ((await asked.jsonValue()) !== "asked") return;
    await this.page.locator(".jp-Dialog").getByRole("button", { name: "Discard" }).click();
  }

  /** Whether JupyterLab trusts the outputs that came with the file. */
  isTrusted(): Promise<boolean> {
    return this.panel.evaluate((panel) =>
      panel.content.widgets.every(({ model }) => model.type !== "code" || model.trusted),
    );
  }

  /** Whether JupyterLab marks the notebook as changed, now that the kernel has said what language it speaks. */
  isChanged(): Promise<boolean | undefined> {
    return this.panel.evaluate(async ({ context, sessionContext }) => {
      await sessionContext?.session?.kernel?.info;
      return context?.model.dirty;
    });
  }

  /** Saves the notebook, and waits until the file is written. */
  async save(): Promise<void> {
    const written = this.page.waitForResponse(
      (response) => response.request().method() === "PUT" && response.url().includes("/api/contents/"),
    );
    await pick(this.page, "File", "Save Notebook");
    await (await written).finished();
  }

  /** Opens a view of its own for the output of a cell, beside the notebook; gives the place where it stands. */
  async newView(id: string): Promise<Locator> {
    await this.select(id);
    await this.active().locator(".jp-OutputArea-output").first().click({ button: "right" });
    await this.page.locator(".lm-Menu-itemLabel").getByText("Create New View for Cell Output", { exact: true }).click();
    const view = this.page.locator(".jp-LinkedOutputView");
    await view.locator(".jp-OutputArea-output").first().waitFor(PATIENCE);
    return view;
  }

  /** The highest execution count so far. */
  private lastCount(): Promise<number> {
    return this.panel.evaluate((panel) =>
      Math.max(0, ...panel.content.widgets.map(({ model }) => model.executionCount ?? 0)),
    );
  }

  /** Waits until a cell has got a count beyond `before`, no cell runs, and the kernel is idle. */
  private async ended(before: number, patience = PATIENCE_MS): Promise<void> {
    await this.page.waitForFunction(
      ([{ content, sessionContext }, last]) => {
        const code = content.widgets.map(({ model }) => model).filter(({ type }) => type === "code");
        return (
          code.some(({ executionCount }) => (executionCount ?? 0) > last) &&
          code.every(({ executionState }) => executionState !== "running") &&
          sessionContext?.session?.kernel?.status === "idle"
        );
      },
      [this.panel, before] as const,
      { timeout: patience, polling: 50 },
    );
  }
}

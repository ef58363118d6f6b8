import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FIRST_NOTEBOOK, type Lab, NotebookPage, openLab, pickTheme, Scratch } from "../support/lab/index.js";
import { LONG_PATIENCE_MS } from "../support/time.js";
import { isDrawnIn, SMALL, THEMES } from "./half-window.js";

// What the notebooks themselves show in half a window: notebooks.test.ts, which has run them.

let lab: Lab;
let scratch: Scratch;

beforeAll(async () => {
  scratch = new Scratch();
  // The window that npm start opens: the panel of notebook 00 is docked at the right, and the notebooks have the other half.
  lab = await openLab();
  await lab.page.setViewportSize(SMALL);
  await lab.page.locator(".jp-LinkedOutputView").waitFor();
});

afterAll(() => lab?.stop());

describe("the panel, docked", () => {
  test("shows its ladder above its table after four runs, and both whole", { timeout: LONG_PATIENCE_MS }, async () => {
    const view = lab.page.locator(".jp-LinkedOutputView");
    const notebook = await NotebookPage.open(lab.page, FIRST_NOTEBOOK);
    for (let round = 0; round < 4; round++) await notebook.runAll();
    await view.locator(".workshop-table").waitFor();
    await lab.notebook.screenshot("half-window-panel");
    const place = await view.boundingBox();
    const picture = await view.locator(".workshop-picture").boundingBox();
    const table = await view.locator(".workshop-table").boundingBox();
    if (!place || !picture || !table) throw new Error("The panel is not shown.");
    expect(picture.y).toBeLessThan(place.y + 60);
    expect(table.y).toBeGreaterThan(picture.y + picture.height);
    expect(table.y + table.height).toBeLessThan(place.y + place.height);
    for (const { x, width } of [picture, table]) expect(x + width).toBeLessThanOrEqual(place.x + place.width);
  });
});

describe("a picture", () => {
  let copy: NotebookPage;

  beforeAll(async () => {
    const trusted = await NotebookPage.open(lab.page, scratch.path("01-connection-procedure"));
    await trusted.runAll();
    await trusted.save();
    await trusted.close();
    // JupyterLab knows by their signature the notebooks that were run here; a changed one is a stranger's.
    const saved = readFileSync(scratch.file("01-connection-procedure"), "utf8");
    writeFileSync(scratch.file("stranger"), saved.replace("The connection procedure", "A stranger's procedure"));
    copy = await NotebookPage.open(lab.page, scratch.path("stranger"));
  }, LONG_PATIENCE_MS);

  afterAll(() => copy?.close());

  test("of a stranger's notebook is the same, and follows the theme", async () => {
    expect(await copy.isTrusted()).toBe(false);
    const { pictures, tables } = await copy.sizes();
    expect(pictures.length).toBeGreaterThan(3);
    expect(pictures.filter(({ fits, scale }) => !fits || scale < 0.999)).toEqual([]);
    expect(tables.filter(({ fits }) => !fits)).toEqual([]);
    const picture = lab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .workshop-picture").last();
    for (const theme of THEMES) {
      await pickTheme(lab.page, theme);
      await isDrawnIn(lab, theme, picture);
    }
  });

  test("is large after a click, also a stranger's, and after Enter as before", async () => {
    const picture = lab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .workshop-figure .workshop-picture").last();
    const width = async () => (await picture.boundingBox())?.width ?? 0;
    const before = await width();
    await picture.click();
    expect(await width()).toBeGreaterThan(1.5 * before);
    await lab.page.keyboard.press("Enter");
    expect(await width()).toBe(before);
  });
});

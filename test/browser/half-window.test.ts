import { readFileSync, writeFileSync } from "node:fs";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contrast } from "../support/contrast.js";
import {
  brightness,
  FIRST_NOTEBOOK,
  type Lab,
  NotebookPage,
  openLab,
  pickTheme,
  Scratch,
} from "../support/lab/index.js";
import { notebookNames } from "../support/notebooks.js";
import { LONG_PATIENCE_MS, PATIENCE_MS } from "../support/time.js";

/** The screen of an ordinary laptop. */
const SMALL = { width: 1366, height: 768 };
/** The smallest letters of a picture, in its own pixels: see theme.ts. */
const LETTERS = 10;
const THEMES = ["JupyterLab Dark", "JupyterLab Light"] as const;

/** The columns of which the notebooks' texts speak, by cell. */
const SPOKEN_OF: Record<string, Record<string, string[]>> = {
  "01-connection-procedure": {
    "look-listening": ["state", "backlog"],
    "look-accepted": ["Recv-Q"],
    "look-close-wait": ["state"],
  },
  "02-bind": { "other-process-look": ["handle"], "restart-look": ["state"] },
  "03-datagrams": { "look-three": ["Recv-Q"], "overflow-drops": ["drops"], "multicast-all-look": ["Recv-Q"] },
  "04-real-time": { "slow-queue": ["Recv-Q"] },
};

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

/**
 * Waits until an element is dark letters on light paper, or the other way round, as the theme wants it. JupyterLab draws cells anew that
 * come into sight, and moves them while it does.
 */
async function isDrawnIn(theme: (typeof THEMES)[number], element: Locator): Promise<void> {
  const look = async () => {
    const { paper, lightest, darkest } = await brightness(lab.page, element);
    return theme === "JupyterLab Dark" ? [paper < 0.05, lightest > 0.5] : [paper > 0.85, darkest < 0.1];
  };
  await expect.poll(look, { timeout: PATIENCE_MS }).toEqual([true, true]);
}

describe.each(notebookNames())("%s in half a window", (name) => {
  let notebook: NotebookPage;

  beforeAll(async () => {
    notebook = await NotebookPage.open(lab.page, scratch.path(name));
    await notebook.runAll();
  }, LONG_PATIENCE_MS);

  afterAll(() => notebook?.close());

  test("every line of code is shown whole", async () => {
    const { code } = await notebook.sizes();
    expect(code.length).toBeGreaterThan(10);
    expect(code.filter(({ fits }) => !fits)).toEqual([]);
  });

  test("every table, picture and line is shown whole, with letters of ten pixels or more", async () => {
    const { columns, pictures, tables, wide } = await notebook.sizes();
    expect(columns).toBeGreaterThanOrEqual(66);
    expect(columns).toBeLessThan(80);
    expect(pictures.length).toBeGreaterThan(0);
    expect(pictures.filter(({ scale, fits }) => !fits || scale * LETTERS < LETTERS - 0.01)).toEqual([]);
    expect(tables.filter(({ fits, letters }) => !fits || letters < LETTERS)).toEqual([]);
    // What the kernel shows of a value is not ours to break.
    expect(wide.filter(({ text }) => /^\S.{11,} \w+\(|^ {14}/.test(text))).toEqual([]);
    const headings = new Map(tables.map((table) => [table.cell, table.headings]));
    for (const [cell, spoken] of Object.entries(SPOKEN_OF[name] ?? {}))
      expect(headings.get(cell), cell).toEqual(expect.arrayContaining(spoken));
  });

  test.each(THEMES)("pictures and tables have the colours of %s, and can be read", async (theme) => {
    await pickTheme(lab.page, theme);
    const { tables } = await notebook.sizes();
    for (const { cell, colours } of tables)
      for (const { ink, paper } of colours) expect(contrast(ink, paper), cell).toBeGreaterThan(4.5);
    const pictures = lab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .workshop-picture");
    const table = lab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .workshop-table");
    for (const element of [pictures.first(), pictures.last(), ...((await table.count()) > 0 ? [table.last()] : [])]) {
      await isDrawnIn(theme, element);
    }
    await notebook.screenshot(`half-window-${name}-${theme.split(" ")[1]}`);
  });
});

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
      await isDrawnIn(theme, picture);
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

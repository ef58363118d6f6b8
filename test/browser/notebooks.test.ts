import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contrast } from "../support/contrast.js";
import { FIRST_NOTEBOOK, faults, type Lab, NotebookPage, openLab, pickTheme, Scratch } from "../support/lab/index.js";
import { notebookNames, readNotebook } from "../support/notebooks.js";
import { LONG_PATIENCE_MS, PATIENCE_MS } from "../support/time.js";
import { unfolded } from "../support/unfolded.js";
import { isDrawnIn, SMALL, THEMES } from "./half-window.js";

/** Lines that a learner must see, wherever they stand. */
const LINES: Record<string, RegExp[]> = {
  "00-start-here": [
    /^first {9}socket\(AF_INET, SOCK_STREAM\) = \d+$/m,
    /^first {9}getpeername\(\d+\) = -1 ENOTCONN \(Transport endpoint is not connected\)$/m,
    /^second {8}socket\(AF_INET, SOCK_STREAM\|SOCK_CLOEXEC\|SOCK_NONBLOCK, IPPROTO_IP\) = \d+$/m,
  ],
  "01-connection-procedure": [
    /^server {8}bind\(\d+, 127\.0\.0\.1:\d+\) = 0$/m,
    /^early {9}connect\(\d+, 127\.0\.0\.1:\d+\) = -1 ECONNREFUSED \(Connection refused\)$/m,
    /^server {8}listen\(\d+, 5\) = 0$/m,
    /^client {8}connect\(\d+, 127\.0\.0\.1:\d+\) = 0$/m,
    /^server {8}accept\(\d+\) = \d+ {2}← 127\.0\.0\.1:\d+ +"server→1"$/m,
    /^server→1 {6}recv\(\d+, "knock knock\. hello", 1024\) = 18$/m,
    /^server→1 {6}recv\(\d+, "", 1024\) = 0\b/m,
  ],
};

/** Cells of which a screenshot is kept, for people to look at. */
const PICTURED: Record<string, string[]> = {
  "00-start-here": ["read-a-line"],
  "01-connection-procedure": ["step-5", "step-6", "wrong-order", "exercise"],
};

/*
 * Two are run again in the browser; test/notebooks does that with all of them.
 * DOCKED: the one that `npm start` opens with its panel beside it. It is the learner's own, and stays open, because its panel makes the window half.
 * SENT: the one that a stranger sends, too, with all that it has printed and drawn.
 */
const DOCKED = "00-start-here";
const SENT = "01-connection-procedure";

/** The smallest letters of a picture, in its own pixels: see theme.ts. */
const LETTERS = 10;

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
  scratch.write("empty", [{ id: "empty", source: "" }]);
  // The window that npm start opens: the panel of notebook 00 is docked at the right, and the notebooks have the other half.
  lab = await openLab();
  await lab.page.setViewportSize(SMALL);
  await lab.page.locator(".jp-LinkedOutputView").waitFor();
});

afterAll(async () => {
  const { code, left } = await lab.stop();
  expect({ code, left, troubles: lab.troubles }).toEqual({ code: 0, left: [], troubles: [] });
});

/** To change the theme is a second of the processor's time: every other notebook begins with the one that is there. */
const inTurns = (name: string) => (notebookNames().indexOf(name) % 2 === 0 ? THEMES : THEMES.toReversed());

describe.each(notebookNames())("%s in half a window of JupyterLab", (name) => {
  let notebook: NotebookPage;

  beforeAll(async () => {
    notebook = await NotebookPage.open(lab.page, name === DOCKED ? FIRST_NOTEBOOK : scratch.path(name));
  }, LONG_PATIENCE_MS);

  let isOpen = true;
  const close = async () => {
    if (isOpen) await notebook?.close();
    isOpen = false;
  };

  afterAll(async () => {
    if (name !== DOCKED) await close();
  });

  test("is not marked as changed because it was opened", async () => {
    expect(await notebook.isChanged()).toBe(false);
  });

  test("Run All runs every cell and shows no error", { timeout: LONG_PATIENCE_MS }, async () => {
    await notebook.runAll();
    const cells = await notebook.cells();
    for (const cell of PICTURED[name] ?? []) await notebook.screenshot(`${name}-${cell}`, cell);
    expect(faults(cells)).toEqual([]);
    const shown = unfolded(cells.map(({ text }) => text).join("\n"));
    for (const line of LINES[name] ?? []) expect(shown).toMatch(line);
  });

  if (readNotebook(name).cells.some(({ id }) => id === "panel")) {
    // The panel of 03 stood still for minutes, at what was so twenty seconds before the notebook's end.
    test("the panel has come to the notebook's last calls", async () => {
      const last = async () => (await notebook.cell("panel")).images.at(0)?.alt.slice(-200) ?? "";
      await expect.poll(last, { timeout: PATIENCE_MS, interval: 500 }).toMatch(/: close = 0\b/);
      const { text } = await notebook.cell(readNotebook(name).code.at(-1)!.id);
      const closed = /^(.+?) {2,}close\(\d+\) = 0/m.exec(text)?.[1];
      if (closed !== undefined) await expect.poll(last, { timeout: PATIENCE_MS }).toContain(`${closed}: close = 0`);
    });
  }

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
    expect(tables.flatMap(({ cell, broken }) => broken.map((word) => `${cell}: ${word}`))).toEqual([]);
    // What the kernel shows of a value is not ours to break.
    expect(wide.filter(({ text }) => /^\S.{11,} \w+\(|^ {14}/.test(text))).toEqual([]);
    const headings = new Map(tables.map((table) => [table.cell, table.headings]));
    for (const [cell, spoken] of Object.entries(SPOKEN_OF[name] ?? {}))
      expect(headings.get(cell), cell).toEqual(expect.arrayContaining(spoken));
  });

  test.each(inTurns(name))("pictures and tables have the colours of %s, and can be read", async (theme) => {
    await pickTheme(lab.page, theme);
    const { tables } = await notebook.sizes();
    for (const { cell, colours } of tables)
      for (const { ink, paper } of colours) expect(contrast(ink, paper), cell).toBeGreaterThan(4.5);
    const pictures = lab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .workshop-picture");
    const table = lab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .workshop-table");
    for (const element of [pictures.first(), pictures.last(), ...((await table.count()) > 0 ? [table.last()] : [])]) {
      await isDrawnIn(lab, theme, element);
    }
    await notebook.screenshot(`half-window-${name}-${theme.split(" ")[1]}`);
  });

  if (name === DOCKED) {
    test("every cell can be run twice, by the keyboard", { timeout: LONG_PATIENCE_MS }, async () => {
      await notebook.runEachTwice();
      expect(faults(await notebook.cells())).toEqual([]);
    });

    test("Run All works again, and the panel, docked, shows its ladder above its table after four runs, and both whole", {
      timeout: LONG_PATIENCE_MS,
    }, async () => {
      await notebook.runAll();
      expect(faults(await notebook.cells())).toEqual([]);
      const view = lab.page.locator(".jp-LinkedOutputView");
      await view.locator(".workshop-table").waitFor();
      await notebook.screenshot("half-window-panel");
      const place = await view.boundingBox();
      const picture = await view.locator(".workshop-picture").boundingBox();
      const table = await view.locator(".workshop-table").boundingBox();
      if (!place || !picture || !table) throw new Error("The panel is not shown.");
      expect(picture.y).toBeLessThan(place.y + 60);
      expect(table.y).toBeGreaterThan(picture.y + picture.height);
      expect(table.y + table.height).toBeLessThan(place.y + place.height);
      for (const { x, width } of [picture, table]) expect(x + width).toBeLessThanOrEqual(place.x + place.width);
    });
  }

  if (name === SENT) {
    test("Run All works a second time", { timeout: LONG_PATIENCE_MS }, async () => {
      await notebook.runAll();
      expect(faults(await notebook.cells())).toEqual([]);
    });

    describe("a picture in a stranger's copy", () => {
      let copy: NotebookPage;

      beforeAll(async () => {
        await notebook.save();
        // Opened in front of a long notebook, JupyterLab 4.6 now and then draws the beginning alone.
        await close();
        // JupyterLab knows by their signature the notebooks that were run here; a changed one is a stranger's.
        const saved = readFileSync(scratch.file(SENT), "utf8");
        writeFileSync(scratch.file("stranger"), saved.replace("The connection procedure", "A stranger's procedure"));
        copy = await NotebookPage.open(lab.page, scratch.path("stranger"));
      }, LONG_PATIENCE_MS);

      afterAll(() => copy?.close());

      test("is the same, and follows the theme", async () => {
        expect(await copy.isTrusted()).toBe(false);
        const { pictures, tables } = await copy.sizes();
        expect(pictures.length).toBeGreaterThan(3);
        expect(pictures.filter(({ fits, scale }) => !fits || scale < 0.999)).toEqual([]);
        expect(tables.filter(({ fits }) => !fits)).toEqual([]);
        const picture = lab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .workshop-picture").last();
        for (const theme of inTurns(name)) {
          await pickTheme(lab.page, theme);
          await isDrawnIn(lab, theme, picture);
        }
      });

      test("is large after a click, and after Enter as before", async () => {
        const place = ".jp-NotebookPanel:not(.lm-mod-hidden) .workshop-figure .workshop-picture";
        const picture = lab.page.locator(place).last();
        const width = async () => (await picture.boundingBox())?.width ?? 0;
        const before = await width();
        await picture.click();
        expect(await width()).toBeGreaterThan(1.5 * before);
        await lab.page.keyboard.press("Enter");
        expect(await width()).toBe(before);
      });
    });
  }
});

test("a notebook that lacks what the kernel says of its language is marked as changed", async () => {
  const empty = await NotebookPage.open(lab.page, scratch.path("empty"));
  expect(await empty.isChanged()).toBe(true);
});

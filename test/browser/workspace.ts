import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page, Response } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { PROJECT } from "../support/child.js";
import {
  faults,
  type Lab,
  NotebookPage,
  openSecond,
  PictureChanges,
  pickTheme,
  pickWithin,
} from "../support/lab/index.js";
import { LONG_PATIENCE_MS, SOON } from "../support/time.js";
import { SMALL } from "./half-window.js";

/** Closes a notebook, and waits until its kernel is gone. @returns what the server said to that */
export async function closed(page: Page, notebook: NotebookPage): Promise<Response> {
  const ended = page.waitForResponse(
    (response) => response.request().method() === "DELETE" && /\/api\/sessions\//.test(response.url()),
  );
  await notebook.close();
  return ended;
}

/** What is said of the prepared windows; in one that `npm start` has just opened, and that then shows notebook 00 as before. */
export function preparedWindows(lab: () => Lab): void {
  describe("the window that npm start opens", () => {
    let view: Locator;

    beforeAll(async () => {
      await lab().page.setViewportSize(SMALL);
      view = lab().page.locator(".jp-LinkedOutputView");
      await view.waitFor();
    });

    test("has notebook 00 on the left, the view of its panel on the right", async () => {
      const left = await lab().page.locator(".jp-NotebookPanel").boundingBox();
      const right = await view.boundingBox();
      if (!left || !right) throw new Error("One of the two is not shown.");
      expect(left.width).toBeGreaterThan(600);
      expect(right.width).toBeGreaterThan(600);
      expect(right.x).toBeGreaterThanOrEqual(left.x + left.width);
    });

    test.each(["JupyterLab Light", "JupyterLab Dark"] as const)(
      "says in the empty view what fills it, in %s",
      async (theme) => {
        await pickTheme(lab().page, theme);
        await lab().notebook.screenshot(`side-by-side-empty-${theme.split(" ")[1]}`);
        const area = view.locator(".jp-OutputArea");
        const said = await area.evaluate((element) => {
          const { getComputedStyle } = globalThis as unknown as {
            getComputedStyle(of: unknown, pseudo?: string): { content: string; color: string; backgroundColor: string };
          };
          const { content, color } = getComputedStyle(element, "::before");
          const { body } = (globalThis as unknown as { document: { body: unknown } }).document;
          return { content, color, background: getComputedStyle(body).backgroundColor };
        });
        expect(said.content).toMatch(/run the cells of the notebook from the top, down to panel\(\)/);
        const brightness = (color: string) => Number(/\d+/.exec(color)?.[0]);
        expect(Math.abs(brightness(said.color) - brightness(said.background))).toBeGreaterThan(100);
        const height = (await area.boundingBox())?.height ?? 0;
        expect(height).toBeGreaterThan(40);
      },
    );

    test("says it no longer when the panel is there", async () => {
      await lab().notebook.runAll();
      await view.locator("img").first().waitFor();
      const content = await view.locator(".jp-OutputArea").evaluate((element) => {
        const page = globalThis as unknown as { getComputedStyle(of: unknown, pseudo: string): { content: string } };
        return page.getComputedStyle(element, "::before").content;
      });
      expect(content).toBe("none");
    });

    test("makes a new notebook with our kernel, without a question", async () => {
      const made = lab().page.waitForResponse(
        (response) => response.request().method() === "POST" && /\/api\/contents\b/.test(response.url()),
      );
      await pickWithin(lab().page, "File", "New", "Notebook");
      const { path } = (await (await made).json()) as { path: string };
      onTestFinished(() => rmSync(join(PROJECT, path)));
      const kernel = lab().page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-KernelName");
      const fresh = await NotebookPage.inFront(lab().page, path);
      expect(await kernel.textContent()).toBe("TypeScript (socket workshop)");
      expect(await lab().page.locator(".jp-Dialog").count()).toBe(0);
      expect(path).toMatch(/^notebooks\/Untitled\d*\.ipynb$/);
      await closed(lab().page, fresh);
    });

    test("lists the notebooks, not the files of the project around them", async () => {
      await lab().page.locator('[data-id="filebrowser"]').click();
      const list = lab().page.locator(".jp-DirListing-content");
      await list.locator('.jp-DirListing-item[title*="01-connection-procedure.ipynb"]').waitFor();
      expect(await list.locator(".jp-DirListing-item").allTextContents()).not.toContain("package.json");
      await lab().page.locator('[data-id="filebrowser"]').click();
    });
  });

  describe("the window of notebook 01", () => {
    let notebook: NotebookPage;
    let view: Locator;

    beforeAll(async () => {
      const second = await openSecond(lab());
      notebook = second.notebook;
      await second.page.setViewportSize({ width: 1600, height: 900 });
      view = second.page.locator(".jp-LinkedOutputView");
      await view.waitFor();
    });

    afterAll(async () => {
      await closed(notebook.page, notebook);
      await notebook.page.context().close();
    });

    test("its view follows while cells run, and rests soon after the kernel", {
      timeout: LONG_PATIENCE_MS,
    }, async () => {
      const changes = await PictureChanges.in(view);
      await notebook.runAll();
      const idle = await changes.now();
      const times = await changes.untilRest();
      await notebook.screenshot("side-by-side");
      expect(faults(await notebook.cells())).toEqual([]);
      // The first is that of the panel's own cell.
      expect(times.filter((time) => time < idle).length).toBeGreaterThan(3);
      expect(times.at(-1)).toBeLessThan(idle + SOON);
    });
  });
}

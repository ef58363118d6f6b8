import type { Locator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { faults, type Lab, openSideBySide, PictureChanges } from "../support/lab/index.js";
import { LONG_PATIENCE_MS, SOON } from "../support/time.js";

let lab: Lab;
let view: Locator;

beforeAll(async () => {
  lab = await openSideBySide();
  await lab.page.setViewportSize({ width: 1600, height: 900 });
  view = lab.page.locator(".jp-LinkedOutputView");
  await view.waitFor();
});

afterAll(() => lab?.stop());

test("notebook 01 is on the left, the view of its panel on the right", async () => {
  await lab.notebook.screenshot("side-by-side-opened");
  const left = await lab.page.locator(".jp-NotebookPanel").boundingBox();
  const right = await view.boundingBox();
  if (!left || !right) throw new Error("One of the two is not shown.");
  expect(left.width).toBeGreaterThan(600);
  expect(right.width).toBeGreaterThan(600);
  expect(right.x).toBeGreaterThanOrEqual(left.x + left.width);
});

test("the view follows while cells run, and rests soon after the kernel", { timeout: LONG_PATIENCE_MS }, async () => {
  const changes = await PictureChanges.in(view);
  await lab.notebook.runAll();
  const idle = await changes.now();
  const times = await changes.untilRest();
  await lab.notebook.screenshot("side-by-side");
  expect(faults(await lab.notebook.cells())).toEqual([]);
  // The first is that of the panel's own cell.
  expect(times.filter((time) => time < idle).length).toBeGreaterThan(3);
  expect(times.at(-1)).toBeLessThan(idle + SOON);
});

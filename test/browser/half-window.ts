import type { Locator } from "playwright-core";
import { expect } from "vitest";
import { brightness, type Lab } from "../support/lab/index.js";
import { PATIENCE_MS } from "../support/time.js";

/** The screen of an ordinary laptop. */
export const SMALL = { width: 1366, height: 768 };
export const THEMES = ["JupyterLab Dark", "JupyterLab Light"] as const;

/**
 * Waits until an element is dark letters on light paper, or the other way round, as the theme wants it. JupyterLab draws cells anew that
 * come into sight, and moves them while it does.
 */
export async function isDrawnIn(lab: Lab, theme: (typeof THEMES)[number], element: Locator): Promise<void> {
  const look = async () => {
    const { paper, lightest, darkest } = await brightness(lab.page, element);
    return theme === "JupyterLab Dark" ? [paper < 0.05, lightest > 0.5] : [paper > 0.85, darkest < 0.1];
  };
  await expect.poll(look, { timeout: PATIENCE_MS }).toEqual([true, true]);
}

import type { Page } from "playwright-core";

/** The label of an entry in an open menu. */
const entryOf = (page: Page, entry: string) =>
  page.locator(".lm-Menu-item:not(.lm-mod-disabled) .lm-Menu-itemLabel").getByText(entry, { exact: true });

const open = (page: Page, menu: string) =>
  page.locator(".lm-MenuBar-item", { hasText: new RegExp(`^${menu}$`) }).click();

/** Picks an entry of JupyterLab's menu bar. */
export async function pick(page: Page, menu: string, entry: string): Promise<void> {
  await open(page, menu);
  await entryOf(page, entry).click();
}

/** Picks an entry of a menu in JupyterLab's menu bar, such as File → New → Notebook. */
export async function pickWithin(page: Page, menu: string, submenu: string, entry: string): Promise<void> {
  await open(page, menu);
  await entryOf(page, submenu).hover();
  await entryOf(page, entry).click();
}

/** Picks Settings → Theme → the theme of this name. */
export async function pickTheme(page: Page, name: "JupyterLab Light" | "JupyterLab Dark"): Promise<void> {
  await pickWithin(page, "Settings", "Theme", name);
  await page.locator(`body[data-jp-theme-name="${name}"]`).waitFor({ state: "attached" });
}

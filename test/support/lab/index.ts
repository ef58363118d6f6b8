import type { Browser, Page } from "playwright-core";
import { PATIENCE_MS } from "../time.js";
import { openBrowser } from "./browser.js";
import { removeFolders } from "./folders.js";
import { NotebookPage } from "./notebook.js";
import { type LabEnd, LabServer } from "./server.js";

export { PictureChanges } from "./changes.js";
export { artifact, removeFolders, Scratch, temporaryFolder } from "./folders.js";
export { pickTheme, pickWithin } from "./menus.js";
export { NotebookPage } from "./notebook.js";
export { faults, type ShownCell, type ShownImage, type ShownOutput } from "./outputs.js";
export { type Brightness, brightness } from "./pixels.js";
export { type HandedOn, runInServer } from "./server-session.js";
export type { ShownSizes } from "./shown-size.js";

/** JupyterLab as `npm start` serves it, and a browser that shows a notebook. */
export interface Lab {
  server: LabServer;
  page: Page;
  notebook: NotebookPage;
  /** Uncaught errors in the page, and requests that left this machine. */
  troubles: string[];
  /** Closes the browser, ends JupyterLab as Ctrl-C does, and removes the folders that were made for them. */
  stop(): Promise<LabEnd>;
}

/** The notebook at which `npm start` opens JupyterLab, its panel beside it. */
export const FIRST_NOTEBOOK = "notebooks/00-start-here.ipynb";

/** The notebook of the second address. */
export const SECOND_NOTEBOOK = "notebooks/01-connection-procedure.ipynb";

/**
 * Starts both, at the address that is printed, or with another notebook in its place, and waits until the kernel is
 * idle. Whoever calls it must call `stop()`.
 */
export async function openLab(path?: string): Promise<Lab> {
  const server = await LabServer.start();
  let browser: Browser | undefined;
  const stop = async () => {
    await browser?.close();
    const end = await server.stop();
    removeFolders();
    return end;
  };
  try {
    const watched = await openBrowser();
    browser = watched.browser;
    const { first } = server.addresses;
    const address = path === undefined ? first : new URL(`/lab/tree/${path}${first.search}`, first);
    await watched.page.goto(address.href);
    const front = await NotebookPage.inFront(watched.page, path ?? FIRST_NOTEBOOK);
    return { server, page: watched.page, notebook: front, troubles: watched.troubles, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Opens the window with notebook 01, at the second address that is printed, beside the first one. */
export async function openSecond({ server, page }: Lab): Promise<Pick<Lab, "page" | "notebook">> {
  const second = await (await page.context().browser()!.newContext()).newPage();
  second.setDefaultTimeout(PATIENCE_MS);
  await second.goto(server.addresses.second.href);
  return { page: second, notebook: await NotebookPage.inFront(second, SECOND_NOTEBOOK) };
}

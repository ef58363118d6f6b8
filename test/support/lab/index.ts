import type { Browser, Page } from "playwright-core";
import { openBrowser } from "./browser.js";
import { removeFolders } from "./folders.js";
import { NotebookPage } from "./notebook.js";
import { type LabEnd, LabServer } from "./server.js";

export { artifact, removeFolders, Scratch, temporaryFolder } from "./folders.js";
export { pickTheme } from "./menus.js";
export { NotebookPage } from "./notebook.js";
export { faults, type ShownCell, type ShownImage, type ShownOutput } from "./outputs.js";

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

/** The notebook at which `npm start` opens JupyterLab. */
export const FIRST_NOTEBOOK = "notebooks/00-start-here.ipynb";

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
    const address = new URL(server.url);
    if (path !== undefined) address.pathname = `/lab/tree/${path}`;
    await watched.page.goto(address.href);
    const notebook = await NotebookPage.inFront(watched.page, path ?? FIRST_NOTEBOOK);
    return { server, page: watched.page, notebook, troubles: watched.troubles, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

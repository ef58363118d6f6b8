import type { Browser, Page } from "playwright-core";
import type { Addresses } from "../addresses.js";
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
export function openLab(path?: string): Promise<Lab> {
  const address = ({ first }: Addresses) =>
    path === undefined ? first : new URL(`/lab/tree/${path}${first.search}`, first);
  return openAt(address, path ?? FIRST_NOTEBOOK);
}

/** The same at the address of the window with notebook 01. */
export const openSecond = (): Promise<Lab> => openAt(({ second }) => second, SECOND_NOTEBOOK);

async function openAt(choose: (addresses: Addresses) => URL, notebook: string): Promise<Lab> {
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
    await watched.page.goto(choose(server.addresses).href);
    const front = await NotebookPage.inFront(watched.page, notebook);
    return { server, page: watched.page, notebook: front, troubles: watched.troubles, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

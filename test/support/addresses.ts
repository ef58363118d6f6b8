import type { Command } from "./command.js";

/** The addresses that `npm start` prints, with their token. */
export interface Addresses {
  /** JupyterLab with the first notebook. */
  first: URL;
  /** JupyterLab with notebook 01 and the panel beside it. */
  sideBySide: URL;
}

/** Waits until `npm start` serves JupyterLab: it prints the second address when it listens, the first before it does. */
export async function addresses(start: Command, signal: AbortSignal): Promise<Addresses> {
  const [, sideBySide = ""] = await start.printed(/beside it: (http:\/\/\S+)\n/, signal);
  const [first] = await start.printed(/http:\/\/\S+\/lab\/tree\/\S+/, signal);
  return { first: new URL(first), sideBySide: new URL(sideBySide) };
}

import type { Command } from "./command.js";

/** The addresses that `npm start` prints, with their token. */
export interface Addresses {
  /** At which the browser opens: notebook 00 with its panel beside it. */
  first: URL;
  /** The same with notebook 01. */
  second: URL;
  /** JupyterLab with the list of notebooks. */
  list: URL;
}

/** Waits until `npm start` serves JupyterLab: it prints the list's address when it listens, the first before it does. */
export async function addresses(start: Command, signal: AbortSignal): Promise<Addresses> {
  const [, list = ""] = await start.printed(/list of all notebooks:\s+(http:\/\/\S+)\n/, signal);
  const [, first = ""] = await start.printed(/these URLs:\s+(http:\/\/\S+)/, signal);
  const [second] = await start.printed(/http:\/\/\S+\/lab\/workspaces\/01-\S+/, signal);
  return { first: new URL(first), second: new URL(second), list: new URL(list) };
}

import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { textOf } from "./project.mjs";

/**
 * Writes a value as JSON, whole or not at all: a JupyterLab that reads at the same moment sees the old or
 * the new file. Does nothing when the file says the same already.
 * @param {string} path
 * @param {unknown} value
 */
export function writeJson(path, value) {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (textOf(path) === text) return;
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, path);
}

import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { textOf } from "./project.mjs";

/**
 * Writes a file whole or not at all: a JupyterLab that reads at the same moment sees the old or the new one.
 * Does nothing when the file says the same already.
 * @param {string} path
 * @param {string} text
 */
export function writeText(path, text) {
  if (textOf(path) === text) return;
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, path);
}

/**
 * Writes a value as JSON in the same way.
 * @param {string} path
 * @param {unknown} value
 */
export const writeJson = (path, value) => writeText(path, `${JSON.stringify(value, null, 2)}\n`);

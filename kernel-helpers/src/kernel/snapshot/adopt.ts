import { existsSync, realpathSync, rmSync } from "node:fs";
import module from "node:module";
import { join } from "node:path";
import { foldersFrom } from "../folder";
import { stamp } from "../watching";
import { loadFrom } from "./ahead";
import { type Contents, SNAPSHOT } from "./contents";

const kept = globalThis as { [SNAPSHOT]?: Contents };
/** How many frames errors have, as Node begins. Node 20 starts from a snapshot with none. */
const FRAMES = 10;

/** What the snapshot was made from with which this process has started. */
export const stamps = kept[SNAPSHOT]?.stamps;

/**
 * Uses the snapshot from which this process has started, if it has and may: loaded before anything else of the kernel.
 *
 * "stale": it has one, of files that have changed since.
 */
function adopt(contents: Contents | undefined): "snapshot" | "stale" | "files" {
  if (contents === undefined) return "files";
  delete kept[SNAPSHOT];
  // bin/kernel.sh made it: this process has come so far.
  if (process.argv[2] !== undefined) rmSync(`${process.argv[2]}.snapshot`, { force: true });
  Error.stackTraceLimit = FRAMES;
  // Else a program that a cell starts with `fork`, and a thread, would start from it too.
  process.execArgv = [];
  const modules = contents.use();
  if (!isCurrent(contents) || hasOwnTypes(contents)) return "stale";
  loadFrom(contents.ahead);
  Object.assign((module as unknown as { _cache: Record<string, NodeJS.Module> })._cache, modules);
  return "snapshot";
}

/** Whether all is as it was of which the snapshot was made. */
function isCurrent({ stamps }: Contents): boolean {
  return stamps.every(([path, before]) => stamp(path) === before);
}

/** Whether the folder has `@types` packages, or one above it: they belong to the programs of all its cells, and not to the snapshot's. */
function hasOwnTypes({ types }: Contents): boolean {
  return [...foldersFrom(process.cwd())]
    .map((folder) => join(folder, "node_modules", "@types"))
    .some((root) => existsSync(root) && realpathSync(root) !== types);
}

export const startedFrom = adopt(kept[SNAPSHOT]);

// For tests, and for whoever wonders why a kernel starts slowly.
Object.assign(globalThis, { [Symbol.for("socket-workshop.started-from")]: startedFrom });

import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { STARTER } from "../spec";
import { stamp } from "../watching";
import { unlessUnderWay } from "./lock";
import { FOLDER, snapshotFile } from "./place";

const run = promisify(execFile);

/** How many snapshots are kept, of 50 MB each: of the Nodes that were used last. */
const KEPT = 3;
/** An unfinished file that is so old, in milliseconds, is nobody's. */
const ABANDONED = 10 * 60_000;

const seal = (snapshot: string) => `${snapshot}.seal`;
/** What the snapshot was made from. */
const sources = (snapshot: string) => `${snapshot}.json`;

/** Whether there is a snapshot for this Node, made of the files as they are now. */
export async function snapshotIsCurrent(node = process.execPath): Promise<boolean> {
  const snapshot = snapshotFile(node);
  try {
    if (readFileSync(seal(snapshot), "utf8") !== (await belongsTo(snapshot, node))) return false;
    const stamps: [string, string][] = JSON.parse(readFileSync(sources(snapshot), "utf8"));
    return stamps.every(([path, before]) => stamp(path) === before);
  } catch {
    return false; // There is none, or what is beside it is damaged.
  }
}

/**
 * Makes the snapshot for this Node, unless another process is at it or it is there.
 *
 * It is put in its place when a kernel has started from it. Throws what went wrong; what was there before is then gone only if it was stale.
 */
export async function makeSnapshot(node = process.execPath): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const snapshot = snapshotFile(node);
  await unlessUnderWay(`${snapshot}.lock`, async () => {
    if (await snapshotIsCurrent(node)) return;
    tidy(snapshot);
    const unfinished = `${snapshot}.${process.pid}.new`;
    try {
      const stamps = await build(node, unfinished);
      rmSync(seal(snapshot), { force: true });
      renameSync(unfinished, snapshot);
      write(sources(snapshot), stamps);
      write(seal(snapshot), await belongsTo(snapshot, node));
    } finally {
      rmSync(unfinished, { force: true });
    }
  });
}

/** Whether this process may make one. */
export function mayMakeSnapshot(): boolean {
  try {
    mkdirSync(FOLDER, { recursive: true });
    const probe = join(FOLDER, `.${process.pid}`);
    writeFileSync(probe, "");
    rmSync(probe);
    return true;
  } catch {
    return false;
  }
}

/** @returns as JSON, what it was made from */
async function build(node: string, file: string): Promise<string> {
  // An environment of its own: what is read from it while the snapshot is made, every kernel would have.
  const options = { cwd: "/", env: {}, maxBuffer: 2 ** 24 };
  await run(node, ["--snapshot-blob", file, "--build-snapshot", join(__dirname, "entry.js")], options);
  const { stdout } = await run(node, ["--snapshot-blob", file, join(__dirname, "probe.js")], options);
  return stdout;
}

async function belongsTo(snapshot: string, node: string): Promise<string> {
  return (await run("/bin/sh", [STARTER, "--seal", snapshot, node])).stdout;
}

/** A file whole or not at all. */
function write(file: string, text: string): void {
  const unfinished = `${file}.${process.pid}.new`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, file);
}

/** Removes what ended processes have left unfinished, and snapshots beyond those that were made last, this one among them. */
function tidy(own: string): void {
  const ages = readdirSync(FOLDER).map((name): [string, number] => {
    const path = join(FOLDER, name);
    return [path, statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0];
  });
  for (const [path, made] of ages)
    if (path.endsWith(".new") && made < Date.now() - ABANDONED) rmSync(path, { force: true });
  const others = ages.filter(([path]) => path.endsWith(".blob") && path !== own).sort((a, b) => b[1] - a[1]);
  for (const [path] of others.slice(KEPT - 1)) {
    for (const name of readdirSync(FOLDER))
      if (name.startsWith(basename(path))) rmSync(join(FOLDER, name), { force: true });
  }
}

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { STARTER } from "../spec";
import { stamp } from "../watching";
import { unlessUnderWay } from "./lock";
import { FOLDER, snapshotFile } from "./place";

const run = promisify(execFile);

/** How many snapshots are kept, of some 35 MB each: of the Nodes that were used last, if they are still there. */
const KEPT = 5;
/** An unfinished file that is so old, in milliseconds, is nobody's. */
const ABANDONED = 10 * 60_000;

interface Sources {
  node: string;
  stamps: [path: string, stamp: string][];
}

const seal = (snapshot: string) => `${snapshot}.seal`;
/** What the snapshot was made from. */
const sources = (snapshot: string) => `${snapshot}.json`;

/** Whether there is a snapshot for this Node, made of the files as they are now. */
export async function snapshotIsCurrent(node = process.execPath): Promise<boolean> {
  const snapshot = snapshotFile(node);
  try {
    if (readFileSync(seal(snapshot), "utf8") !== (await belongsTo(snapshot, node))) return false;
    const { stamps }: Sources = JSON.parse(readFileSync(sources(snapshot), "utf8"));
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
      const from: Sources = { node, stamps: await build(node, unfinished) };
      rmSync(seal(snapshot), { force: true });
      renameSync(unfinished, snapshot);
      write(sources(snapshot), JSON.stringify(from));
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

/** @returns the files that it was made from */
async function build(node: string, file: string): Promise<Sources["stamps"]> {
  // An environment of its own: what is read from it while the snapshot is made, every kernel would have.
  const options = { cwd: "/", env: {}, maxBuffer: 2 ** 24 };
  await run(node, ["--snapshot-blob", file, "--build-snapshot", join(__dirname, "entry.js")], options);
  const { stdout } = await run(node, ["--snapshot-blob", file, join(__dirname, "probe.js")], options);
  return JSON.parse(stdout);
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

/** Removes what ended processes have left unfinished, and all snapshots but the newest and this one. */
function tidy(own: string): void {
  const files = readdirSync(FOLDER).map((name) => join(FOLDER, name));
  const made = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const abandoned = files.filter((path) => path.endsWith(".new") && made(path) < Date.now() - ABANDONED);
  for (const path of abandoned) rmSync(path, { force: true });
  const others = files.filter((path) => path.endsWith(".blob") && path !== own).sort((a, b) => made(b) - made(a));
  const useful = others.filter(hasNode).slice(0, KEPT - 1);
  for (const snapshot of others.filter((path) => !useful.includes(path)))
    for (const path of [seal(snapshot), sources(snapshot), snapshot]) rmSync(path, { force: true });
}

/** Whether the Node is there to which a snapshot belongs. */
function hasNode(snapshot: string): boolean {
  try {
    return existsSync(JSON.parse(readFileSync(sources(snapshot), "utf8")).node);
  } catch {
    return false;
  }
}

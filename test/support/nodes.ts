import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT, run } from "./child.js";
import { LONG_PATIENCE_MS } from "./time.js";

/** A Node that the project supports, from npm's registry. */
export interface SupportedNode {
  /** Such as "20.19.0". */
  version: string;
  /** The executable. */
  program: string;
}

const FOLDER = join(PROJECT, "test", "nodes");

interface Locked {
  name?: string;
  version: string;
  integrity: string;
  os?: string;
  cpu?: string;
}

/** What a lockfile, or npm's record of what is installed, says; nothing when there is none. */
function packagesIn(...path: string[]): Record<string, Locked> {
  try {
    return JSON.parse(readFileSync(join(FOLDER, ...path), "utf8")).packages;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

/** The packages for this platform: one of each line of Node. */
function lockedHere(): [folder: string, entry: Locked][] {
  const here = Object.entries(packagesIn("package-lock.json")).filter(
    ([, { os, cpu }]) => os === process.platform && cpu === process.arch,
  );
  if (here.length > 0) return here;
  throw new Error(
    `test/nodes/package.json names no Node for ${process.platform} ${process.arch}: these tests run on Linux, x64 or arm64.`,
  );
}

/** The oldest Node that is supported, and one of each later line that has long-term support, or will have. */
export const supportedNodes = (): SupportedNode[] =>
  lockedHere().map(([folder, { version }]) => ({ version, program: join(FOLDER, folder, "bin", "node") }));

/** Those that npm has not installed as the lockfile has them. It writes its record when it has finished. */
function missing(): Locked[] {
  const installed = packagesIn("node_modules", ".package-lock.json");
  return lockedHere()
    .filter(([folder, { integrity }]) => installed[folder]?.integrity !== integrity)
    .map(([, entry]) => entry);
}

/** Gets them, if they are not there: some 200 MB, once. They are no dependencies of the project, because learners would get them too. */
export async function fetchNodes(): Promise<void> {
  if (missing().length === 0) return;
  // At this level npm says why it did not get a package; these are optional to it, since each is for one platform.
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=http"];
  const { stdout, stderr } = await run("npm", ["--prefix", FOLDER, "ci", ...flags], { limit: LONG_PATIENCE_MS });
  const [first] = missing();
  if (first === undefined) return;
  throw new Error(
    `npm could not get ${first.name}@${first.version}, with which the workshop is tried: npm's registry must be within reach once.\n${stdout}${stderr}`,
  );
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PROJECT, run } from "../../support/child.js";
import { LONG_PATIENCE_MS } from "../../support/time.js";

/** Here npm puts it; git ignores it. */
const FOLDER = fileURLToPath(new URL("deno", import.meta.url));

/** What Deno keeps, and would keep in the user's home. */
const HOME = join(PROJECT, "test-artifacts", "deno-home");

/** Deno for this platform: a package of its own, which `deno` names as optional. */
const PLATFORM = `${process.platform}-${process.arch}${process.platform === "linux" ? "-glibc" : ""}`;
const PROGRAM = join(FOLDER, "node_modules", "@deno", PLATFORM, "deno");

/** Only when it is asked for: 92 MB. It is no dependency of the project, because learners would get it too. */
export const denoIsWanted = (): boolean => process.env.WORKSHOP_BENCH_DENO === "1";

/** Gets Deno if it is not there, in the version of the lockfile. @returns the program */
export async function fetchDeno(): Promise<string> {
  if (existsSync(PROGRAM)) return PROGRAM;
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund"];
  const { stdout, stderr } = await run("npm", ["--prefix", FOLDER, "ci", ...flags], { limit: LONG_PATIENCE_MS });
  if (existsSync(PROGRAM)) return PROGRAM;
  throw new Error(
    `npm could not get Deno for ${PLATFORM}: its registry must be within reach once.\n${stdout}${stderr}`,
  );
}

/** How its kernel is started, and what keeps it out of the user's home. */
export const denoKernel = (program: string) => ({
  command: (connectionFile: string) => [program, "jupyter", "--kernel", "--conn", connectionFile],
  env: { HOME, DENO_DIR: join(HOME, "cache"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
});

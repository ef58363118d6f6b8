import { rmSync, writeFileSync } from "node:fs";
import { fingerprint } from "./fingerprint.mjs";
import { inProject, textOf } from "./project.mjs";
import { run } from "./run.mjs";
import { insist, step } from "./step.mjs";

const dist = inProject("kernel-helpers", "dist");
const mark = inProject("kernel-helpers", "dist", ".built-from");

const sources = () =>
  fingerprint(
    [
      inProject("kernel-helpers", "src"),
      inProject("kernel-helpers", "package.json"),
      inProject("kernel-helpers", "tsconfig.json"),
      inProject("tsconfig.json"),
      inProject("package-lock.json"),
    ],
    "kernel-helpers",
  );

/** Says whether kernel-helpers/dist was built from the sources as they are now. */
export const helpersAreBuilt = () => textOf(mark) === sources();

/** Builds kernel-helpers unless it is built. */
export async function buildHelpers() {
  const wanted = sources();
  if (textOf(mark) === wanted) return;
  await step("Building kernel-helpers", async () => {
    rmSync(dist, { recursive: true, force: true });
    // By path: tslab brings a second, older `tsc`, and it is the one in node_modules/.bin.
    const compiler = inProject("node_modules", "typescript", "bin", "tsc");
    insist(await run(process.execPath, [compiler, "-p", "kernel-helpers"]), "kernel-helpers does not compile.");
    writeFileSync(mark, wanted);
  });
}

import { rmSync, writeFileSync } from "node:fs";
import { fingerprint } from "./fingerprint.mjs";
import { forgetPackages, isLocked } from "./packages.mjs";
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

/**
 * Says whether what the compiler prints is about files of the packages, and not about ours.
 * @param {string} output
 */
function packagesAreToBlame(output) {
  if (/^(?:\.\.\/)*node_modules\/.*error TS|Cannot find module '\/.*node_modules\//m.test(output)) return true;
  return [...output.matchAll(/Cannot find module '([^'./][^']*)'/g)].some(([, name = ""]) => isLocked(name));
}

/** The compiler is a Go program that ends before there is much to collect: without its collector it takes a fifth less, and 280 MB, not 270. */
const UNCOLLECTED = { ...process.env, GOGC: "off" };

/** Builds kernel-helpers unless it is built. */
export async function buildHelpers() {
  const wanted = sources();
  if (textOf(mark) === wanted) return;
  await step("Building kernel-helpers", async () => {
    rmSync(dist, { recursive: true, force: true });
    // By path: tslab brings a second, older `tsc`, and it is the one in node_modules/.bin.
    const compiler = inProject("node_modules", "typescript", "bin", "tsc");
    const ended = await run(process.execPath, [compiler, "-p", "kernel-helpers"], { env: UNCOLLECTED });
    const damaged = packagesAreToBlame(ended.output);
    if (damaged) forgetPackages();
    const otherwise = damaged
      ? "the npm packages are damaged. Run the same command again, it installs them anew"
      : "the lines above say where its source is wrong";
    insist(ended, "kernel-helpers could not be built", { otherwise });
    writeFileSync(mark, wanted);
  });
}

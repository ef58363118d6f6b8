import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, onTestFinished } from "vitest";
import { sourceFiles } from "../support/project-files.js";

/** The project that these tests belong to. */
export const project = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** A new folder whose path has a space in it, gone when the test, or what `finished` stands for, is over. */
export function newFolder(name: string, finished: (cleanUp: () => void) => void = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), `${name} `));
  finished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function copyOf(files: string[], finished?: (cleanUp: () => void) => void): string {
  const copy = newFolder("socket workshop", finished);
  for (const file of files) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(project, file), join(copy, file));
  }
  return copy;
}

/** A copy of the project as a fresh clone has it: nothing is installed or built. */
export const freshCopy = (finished?: (cleanUp: () => void) => void): string => copyOf(sourceFiles(), finished);

/** The same without the tests, nearly half of the files, for what works without them: all that a learner starts. */
export const copyWithoutTests = (finished?: (cleanUp: () => void) => void): string =>
  copyOf(
    sourceFiles().filter((file) => !file.startsWith("test/")),
    finished,
  );

let untouched = "";
afterAll(() => {
  if (untouched !== "") rmSync(untouched, { recursive: true, force: true });
});

/** A fresh copy that the tests of a file have one after the other: each must leave it as it was. To make one takes half a second of a processor. */
export function untouchedCopy(): string {
  if (untouched === "") untouched = freshCopy(() => {});
  const [copy, before] = [untouched, contents(untouched)];
  onTestFinished(() => expect(contents(copy)).toEqual(before));
  return copy;
}

/** The same with nothing but the notebooks and the scripts: a tenth of the files. */
export const notebooksAndScripts = (finished?: (cleanUp: () => void) => void): string =>
  copyOf(
    sourceFiles().filter((file) => /^(notebooks|scripts)\/|^(package\.json|\.git.*)$/.test(file)),
    finished,
  );

/** Gives a copy the npm packages of the project. */
export function addPackages(copy: string): void {
  symlinkSync(join(project, "node_modules"), join(copy, "node_modules"));
}

/** The same with the copy's own kernel-helpers among them, as npm has it. Links: kernels of other tests watch the files, and notice a hard link. */
export function addPackagesAroundItsOwn(copy: string): void {
  const [from, to] = [join(project, "node_modules"), join(copy, "node_modules")];
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    if (name !== "kernel-helpers") symlinkSync(join(from, name), join(to, name));
  }
  symlinkSync("../kernel-helpers", join(to, "kernel-helpers"));
}

/** Gives a copy the build of the project; a snapshot, which belongs to one folder, is no part of it. */
export function addBuild(copy: string): void {
  const dist = join("kernel-helpers", "dist");
  const filter = (path: string) => !path.endsWith(".snapshots");
  cpSync(join(project, dist), join(copy, dist), { recursive: true, filter });
}

/** Copies a folder whole: with hard links where that is possible, which takes a tenth of the time. */
export function copyTree(from: string, to: string): void {
  execFileSync("sh", ["-c", 'cp -al "$1" "$2" 2>/dev/null || cp -a "$1" "$2"', "sh", from, to]);
}

/** What the scripts write themselves, or have pip write, in an environment's folder of packages. */
const OURS = /^socket[-_]workshop/;

/**
 * Gives a copy the project's .venv, as it is before the first start. The packages, 17,000 files, are links to their folders: nobody
 * changes them, and a file that is not there yet when Python compiles it is for all. Of the rest, hard links: the scripts replace files and
 * never write into one, and what JupyterLab writes (var) is left out.
 */
export function addEnvironment(copy: string): void {
  const [from, to] = [join(project, ".venv"), join(copy, ".venv")];
  const [lib = ""] = readdirSync(join(from, "lib")).filter((name) => name.startsWith("python3"));
  const packages = join("lib", lib, "site-packages");
  mkdirSync(join(to, packages), { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== "lib" && name !== "var") copyTree(join(from, name), join(to, name));
  }
  for (const name of readdirSync(join(from, packages))) {
    const [whole, part] = [join(from, packages, name), join(to, packages, name)];
    if (OURS.test(name)) copyTree(whole, part);
    else symlinkSync(whole, part);
  }
  for (const path of ["share/jupyter/kernels/tslab", "share/jupyter/lab/settings"]) {
    rmSync(join(to, path), { recursive: true, force: true });
  }
}

/** Every file and folder below a folder, sorted. */
export const contents = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();

import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "../../support/child.js";
import type { CommandLine } from "./turns.js";

const BENCH = join(PROJECT, "test", "bench");

/** A program of test/bench, such as "calls/numbers.mjs", in Node. */
export const inNode = (path: string, ...args: string[]): CommandLine => [process.execPath, join(BENCH, path), ...args];

/** One in CPython: that of the environment in which JupyterLab is. */
export function inPython(path: string, ...args: string[]): CommandLine {
  // Without -B it would leave folders of compiled files.
  return [process.env.WORKSHOP_PYTHON ?? "python3", "-B", join(BENCH, path), ...args];
}

const COMPILERS = ["cc", "gcc", "clang"];

/** The C compiler of this machine, or why there is no figure of C. */
const compiler = COMPILERS.find((name) => spawnSync(name, ["--version"]).status === 0);

/** Said below the table where there is none. */
export const NO_C = `C is left out: there is no C compiler in PATH (${COMPILERS.join(", ")}).`;

/** Where the compiled programs lie; git ignores it. */
const COMPILED = join(PROJECT, "test-artifacts", "bench");

/** Compiles one in C, and says how it is run; undefined where there is no compiler. */
export function inC(path: string, ...args: string[]): CommandLine | undefined {
  if (compiler === undefined) return undefined;
  mkdirSync(COMPILED, { recursive: true });
  const program = join(COMPILED, path.replaceAll(/\W/g, "-"));
  const { status, stderr } = spawnSync(compiler, ["-O2", "-o", program, join(BENCH, path)], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${compiler} could not compile test/bench/${path}:\n${stderr}`);
  return [program, ...args];
}

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PATIENCE_MS } from "../support/time.js";

/** Runs a program to its end and returns what it printed. A program that is missing or fails is an error with its own words. */
export function run(command: string, args: readonly string[]): { stdout: string; stderr: string } {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: PATIENCE_MS });
  if (error !== undefined && "code" in error && error.code === "ENOENT") {
    throw new Error(`This test needs ${command}, which is not installed: apt-get install ${command}`);
  }
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${status}:\n${stderr}`);
  return { stdout, stderr };
}

/** Compiles a C file with gcc, together with rows that it includes as "rows.h", and calls `use` with the path of the program. */
export function withProgram<T>(
  source: URL,
  rows: readonly string[],
  flags: readonly string[],
  use: (program: string) => T,
): T {
  const folder = mkdtempSync(join(tmpdir(), "constants-"));
  try {
    writeFileSync(join(folder, "rows.h"), `${rows.join("\n")}\n`);
    const program = join(folder, "program");
    run("gcc", ["-Wall", "-Werror", ...flags, "-I", folder, "-o", program, fileURLToPath(source)]);
    return use(program);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

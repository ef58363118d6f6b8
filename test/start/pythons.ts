import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** That of the system, where it has one. */
export const SYSTEM_PYTHON = "/usr/bin/python3";

interface Python {
  path: string;
  version: string;
  /** Its `sys.base_prefix`. */
  base: string;
}

const NAME = /^python3\.\d+$/;

/** The files of a folder, or none. */
const filesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** What an interpreter is, or undefined for one that does not run or is too old; the same one has the same base. */
function identify(path: string): Python | undefined {
  // The interpreter itself: a name in PATH may be a script that looks for it, and that wants a shell.
  const script =
    "import json, sys, ssl, venv, ensurepip; print(json.dumps([sys.version_info >= (3, 10), sys.executable, sys.version.split()[0], sys.base_prefix]))";
  try {
    const told = execFileSync(path, ["-c", script], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    const [isNew, executable, version, base] = JSON.parse(told) as [boolean, string, string, string];
    return isNew ? { path: executable, version, base } : undefined;
  } catch {
    return undefined;
  }
}

/** Every Python of this machine that the workshop supports: by name in PATH, and those that pyenv keeps. */
export function pythonsHere(): Python[] {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const named = folders.flatMap((folder) =>
    filesIn(folder)
      .filter((file) => NAME.test(file))
      .map((file) => join(folder, file)),
  );
  const kept = join(process.env.PYENV_ROOT ?? join(homedir(), ".pyenv"), "versions");
  const versions = filesIn(kept).map((version) => join(kept, version, "bin", "python3"));
  const found = new Map<string, Python>();
  for (const name of [SYSTEM_PYTHON, ...named, ...versions]) {
    const python = existsSync(name) ? identify(name) : undefined;
    const key = `${python?.base} ${python?.version}`;
    if (python && !found.has(key)) found.set(key, python);
  }
  return [...found.values()];
}

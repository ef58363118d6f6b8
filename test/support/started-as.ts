import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs what is started as Node as this shell script instead. */
export async function startedAs<T>(script: string, start: () => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "workshop-node-"));
  const path = join(directory, "node");
  const { execPath } = process;
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  process.execPath = path;
  try {
    // The process is started before this returns.
    const started = start();
    process.execPath = execPath;
    return await started;
  } finally {
    process.execPath = execPath;
    rmSync(directory, { recursive: true });
  }
}

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OtherProcess, otherProcess } from "kernel-helpers";

/** Runs what is started as Node with this shell command before it. Node's descriptors go through it. */
async function startedBy<T>(command: string, start: () => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "workshop-network-"));
  const script = join(directory, "node");
  const { execPath } = process;
  writeFileSync(script, `#!/bin/sh\nexec ${command.replace("NODE", `'${execPath}'`)}\n`);
  chmodSync(script, 0o755);
  process.execPath = script;
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

/** Starts another process in the network of one that has a network of its own. */
export function inNetworkOf(neighbour: OtherProcess, name: string): Promise<OtherProcess> {
  return startedBy(`nsenter -t ${neighbour.pid} -U -n --preserve-credentials -- NODE "$@"`, () => otherProcess(name));
}

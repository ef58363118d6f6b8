import { execFileSync } from "node:child_process";

/** A process and its command line. */
export interface Process {
  pid: number;
  command: string;
}

/** The processes that descend from one, itself left out. */
export function descendants(ancestor: number): Process[] {
  const rows = execFileSync("ps", ["-e", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).trimEnd().split("\n");
  const all = rows.map((row) => {
    const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s(.*)$/.exec(row) ?? [];
    return { pid: Number(pid), parent: Number(parent), command };
  });
  const below = (parent: number): typeof all =>
    all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return below(ancestor);
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

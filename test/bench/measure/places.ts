import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { CommandLine } from "./turns.js";

/** The numbers of the processors that this process may use, as Linux tells them: "0-3,8". */
function processors(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "";
  return list.split(",").flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
}

/** Puts a program where it is to run. */
type Put = (command: CommandLine) => CommandLine;

/** Where two programs are that talk to each other. */
interface Places {
  /** "on one processor" */
  where: string;
  one: Put;
  other: Put;
}

const on =
  (processor: number): Put =>
  (command) => ["taskset", "--cpu-list", `${processor}`, ...command];

/** The places of two programs: both on one processor, and each on its own. Where programs cannot be told where to run, the system's choice. */
export function placesOfTwo(): Places[] {
  const canBeTold = process.platform === "linux" && spawnSync("taskset", ["--version"]).status === 0;
  const [first, second] = canBeTold ? processors() : [];
  if (first === undefined)
    return [{ where: "where the system puts it", one: (command) => command, other: (command) => command }];
  const together = { where: "on one processor", one: on(first), other: on(first) };
  return second === undefined
    ? [together]
    : [together, { where: "on another processor", one: on(first), other: on(second) }];
}

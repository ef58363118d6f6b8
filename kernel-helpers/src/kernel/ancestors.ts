import { readFileSync } from "node:fs";

/** A process, as long as it is the same one: numbers are given again. */
interface Process {
  readonly pid: number;
  readonly parent: number;
  /** When it was started, in ticks since the machine was. */
  readonly started: string;
  readonly state: string;
}

/** What Linux says of a process (proc_pid_stat(5)); undefined when there is none, and elsewhere; "unknown" where it cannot be asked now. */
function look(pid: number): Process | "unknown" | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in brackets can hold anything.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { pid, parent: Number(fields[1]), started: fields[19] ?? "", state: fields[0] ?? "" };
  } catch (error) {
    // A cell can have used up the descriptors: that says nothing of the process.
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : "unknown";
  }
}

/** A shell that runs one command: `sh -c "node launcher.js …; echo done"`. It waits for that, whatever becomes of who wanted it. */
function isWrapper(pid: number): boolean {
  try {
    const [program = "", ...args] = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
    return /(^|\/)(ba|da|z|k|a)?sh$/.test(program) && /^-\w*c$/.test(args[0] ?? "");
  } catch {
    return false;
  }
}

const LONGEST = 20;

/**
 * Those without which this process has nobody to work for: its parent; if a shell was put between, the shell's parent too; and the Jupyter
 * server, which tells its number in JPY_PARENT_PID, with all between it and this process.
 */
function chain(): Process[] {
  const server = Number(process.env.JPY_PARENT_PID);
  const all: Process[] = [];
  for (let pid = process.ppid; pid > 1 && all.length < LONGEST; ) {
    const found = look(pid);
    if (found === undefined || found === "unknown") break;
    all.push(found);
    pid = found.parent;
  }
  const serverAt = all.findIndex(({ pid }) => pid === server);
  if (serverAt >= 0) return all.slice(0, serverAt + 1);
  const first = all.findIndex(({ pid }) => !isWrapper(pid));
  return first < 0 ? all : all.slice(0, first + 1);
}

/** Tells whether one of the processes is gone that this one was started by. */
export function watchAncestors(): () => boolean {
  const parent = process.ppid;
  const known = chain();
  return () => {
    if (process.ppid !== parent) return true;
    return known.some(({ pid, started }) => {
      const now = look(pid);
      if (now === "unknown") return false;
      return now === undefined || now.started !== started || now.state === "Z" || now.state === "X";
    });
  };
}

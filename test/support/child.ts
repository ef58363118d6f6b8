import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { PATIENCE_MS } from "./time.js";

/** The project's folder: where children run, so that `require("kernel-helpers")` finds the package. */
export const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

/** How a child ended. */
export interface Ended {
  stdout: string;
  stderr: string;
  code: number | null;
  signal: NodeJS.Signals | null;
  /** From its start to its end. */
  ms: number;
}

/** A child that runs. */
export interface Child {
  readonly process: ChildProcess;
  /** The next line of its standard output. Rejects when it ends, or says nothing for as long as it may run. */
  line(): Promise<string>;
  write(text: string): void;
  end(): void;
  readonly ended: Promise<Ended>;
}

/** Starts a program. After `limit` milliseconds it is killed, and what waits for it rejects. */
export function start(
  command: string,
  args: readonly string[],
  { limit = PATIENCE_MS, env = {} }: { limit?: number; env?: NodeJS.ProcessEnv } = {},
): Child {
  const started = performance.now();
  const child = spawn(command, args, { cwd: PROJECT, env: { ...process.env, ...env } });
  const text = { stdout: "", stderr: "" };
  let read = 0;
  let wake: (() => void) | undefined;
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      text[name] += chunk;
      wake?.();
    });
  }
  // A child that ends early makes writing to it fail; how it ended says why.
  child.stdin.on("error", () => {});
  let over: Ended | undefined;
  const ended = new Promise<Ended>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${command} still ran after ${limit} ms.\n${text.stdout}\n${text.stderr}`));
      wake?.();
    }, limit);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      over = { ...text, code, signal, ms: performance.now() - started };
      resolve(over);
      wake?.();
    });
  });
  ended.catch(() => {});
  const line = async (): Promise<string> => {
    for (;;) {
      const at = text.stdout.indexOf("\n", read);
      if (at >= 0) {
        const found = text.stdout.slice(read, at);
        read = at + 1;
        return found;
      }
      if (over !== undefined) throw new Error(`${command} ended without another line.\n${text.stdout}\n${text.stderr}`);
      await Promise.race([new Promise<void>((resolve) => (wake = resolve)), ended]);
    }
  };
  return { process: child, line, ended, write: (data) => child.stdin.write(data), end: () => child.stdin.end() };
}

/** Runs a program to its end. */
export function run(
  command: string,
  args: readonly string[],
  options: { limit?: number; env?: NodeJS.ProcessEnv } = {},
) {
  const child = start(command, args, options);
  child.end();
  return child.ended;
}

/** Starts a CommonJS script in Node that has the package's exports as variables (`socket`, `calls`, …) and can `await`. */
export function startScript(
  script: string,
  { execArgv = [], ...options }: { execArgv?: string[]; limit?: number; env?: NodeJS.ProcessEnv } = {},
): Child {
  return start(process.execPath, [...execArgv, "-e", wrapped(script)], options);
}

/** Runs such a script to its end. */
export function runScript(
  script: string,
  options: { execArgv?: string[]; limit?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  const child = startScript(script, options);
  child.end();
  return child.ended;
}

/** The script as `node -e` takes it. */
export function wrapped(script: string): string {
  return `const sockets = require("kernel-helpers"); const { ${NAMES.join(", ")} } = sockets; trace.off();
(async () => { ${script} })().catch((error) => { console.error(error); process.exit(70); });`;
}

const NAMES = [
  ...["AF_INET", "AF_INET6", "AF_UNIX", "LOOPBACK", "SOCK_DGRAM", "SOCK_NONBLOCK", "SOCK_STREAM"],
  ...["calls", "closeAll", "socket", "trace"],
];

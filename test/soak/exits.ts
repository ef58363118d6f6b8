import { spawn } from "node:child_process";
import { PROJECT, wrapped } from "../support/child.js";
import { PATIENCE_MS } from "../support/time.js";
import type { Random } from "./random.js";

/** How a program ends that has waits pending. */
export const ENDINGS = ["exit", "drain", "throw", "SIGTERM"] as const;
export type Ending = (typeof ENDINGS)[number];

/** A program that ends, and how it must. */
export interface Exit {
  readonly ending: Ending;
  readonly script: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What its standard error must have; nothing when left out. */
  readonly says?: string;
}

const SERVER = `const server = socket("server", AF_INET, SOCK_STREAM);
  server.bind(LOOPBACK, 0); server.listen();
  const { port } = server.getsockname();`;

/** What waits when the end comes: from nothing but the accept to two hundred, of every kind. */
const WAITS = [
  "server.accept();",
  `const client = socket("client", AF_INET, SOCK_STREAM); await client.connect(LOOPBACK, port);
  const conversation = await server.accept(); server.accept();
  for (let i = 0; i < 100; i++) { conversation.recv(); client.recv(1, 0, { timeout: 60_000 }); }`,
  `const client = socket("client", AF_INET, SOCK_STREAM); await client.connect(LOOPBACK, port);
  client.sendAll(Buffer.alloc(20_000_000));`,
  `const box = socket("box", AF_INET, SOCK_DGRAM); box.bind(LOOPBACK, 0); box.recvfrom();
  const full = [0, 1, 2].map((n) => socket("s" + n, AF_INET, SOCK_STREAM).connect(LOOPBACK, port, { timeout: 60_000 }));`,
  `const echo = await sockets.serve("echo", {}, async (one) => { for await (const data of one) await one.sendAll(data); });
  const client = socket("client", AF_INET, SOCK_STREAM); await client.connect(LOOPBACK, echo.port);
  await client.sendAll("hello"); await client.recvExactly(5); client.recv();`,
  `const unix = socket("unix", AF_UNIX, SOCK_STREAM); unix.bind("\\0exits " + process.pid); unix.listen(); unix.accept();
  const there = socket("there", AF_UNIX, SOCK_STREAM); await there.connect("\\0exits " + process.pid); there.recv();`,
];

/** A program with waits that ends in this way; what waits, and at which moment it ends, is left to chance. */
export function exitOf(ending: Ending, random: Random): Exit {
  const begin = `${SERVER} ${random.pick(WAITS)}`;
  // The thread that waits starts in some 40 ms: half of the ends come before or while it does.
  const later = (action: string) => `setTimeout(() => { ${action} }, ${random.pick([0, 1, random.below(60), 100])});`;
  switch (ending) {
    case "exit": {
      const code = 1 + random.below(200);
      return { ending, script: `${begin} ${later(`process.exit(${code})`)}`, code, signal: null };
    }
    case "drain": {
      const code = random.below(200);
      return { ending, script: `${begin} process.exitCode = ${code}; ${later("closeAll()")}`, code, signal: null };
    }
    case "throw":
      return { ending, script: `${begin} ${later('throw new Error("bang")')}`, code: 1, signal: null, says: "bang" };
    case "SIGTERM":
      return {
        ending,
        script: `${begin} ${later('process.kill(process.pid, "SIGTERM")')}`,
        code: null,
        signal: "SIGTERM",
      };
  }
}

/** What was wrong with the end of such a program; undefined when nothing was. */
export function faultOfExit(exit: Exit, program = process.execPath, limit = PATIENCE_MS): Promise<string | undefined> {
  const { ending, script, code, signal, says } = exit;
  return new Promise((resolve, reject) => {
    const child = spawn(program, ["-e", wrapped(script)], { cwd: PROJECT, stdio: ["ignore", "ignore", "pipe"] });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    let hung = false;
    const timer = setTimeout(() => {
      hung = true;
      child.kill("SIGKILL");
    }, limit);
    child.on("error", reject);
    child.on("close", (itsCode, itsSignal) => {
      clearTimeout(timer);
      const well = says === undefined ? errors === "" : errors.includes(says);
      if (!hung && itsCode === code && itsSignal === signal && well) resolve(undefined);
      else
        resolve(
          `${ending}: ${hung ? `still ran after ${limit} ms` : `ended with ${itsSignal ?? itsCode}`}, and not with ${signal ?? code}.\n${errors}\n${script}`,
        );
    });
  });
}

/** Runs so many programs of each kind, a few at a time, and gives what was wrong with them. */
export async function storm(
  each: number,
  random: Random,
  {
    programs = [process.execPath],
    atOnce = 3,
    told,
  }: { programs?: readonly string[]; atOnce?: number; told?: (done: number) => void } = {},
): Promise<string[]> {
  const exits = Array.from({ length: each }, () => ENDINGS.map((ending) => exitOf(ending, random))).flat();
  const faults: string[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < exits.length; at = next++) {
      // Each kind of end on each Node: the kinds come in turn, too.
      const program = programs[Math.floor(at / ENDINGS.length) % programs.length]!;
      const fault = await faultOfExit(exits[at]!, program);
      if (fault !== undefined) faults.push(`${program}, ${fault}`);
      if (at % 100 === 99) told?.(at + 1);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return faults;
}

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { processWide } from "../cells";
import { lane } from "../errors";
import { printLine } from "../trace";
import type { Report, Request } from "./messages";
import type { NetworkChoice } from "./network-choice";

/**
 * The program that starts another one in a user namespace and a network namespace of its own, in which it has the privileges of root.
 * unshare(2) itself cannot be called here: the system refuses it to a process with several threads, and Node has several.
 */
const OWN_NETWORK = { execPath: "unshare", execArgv: ["--user", "--map-root-user", "--net", "--", process.execPath] };

/** How a process ended: by itself with a status, or by a signal. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const running = processWide("other processes to end", () => new Set<ChildProcess>());

processWide("other processes end with this one", () => {
  // It would end by itself, because the pipe closes; one that is stopped would not.
  process.on("exit", () => {
    for (const child of running) child.kill("SIGKILL");
  });
  return true;
});

/** The other process as the system has it: a child with a pipe for messages. It keeps this process alive in no way. */
export class Child {
  private readonly process: ChildProcess;
  /** Resolves when it has ended and its pipes are closed. */
  readonly ended: Promise<void>;
  /** What it printed last. */
  lastWords = "";

  /**
   * @param lane the process's name: what it prints itself stands in this lane
   * @param network which network it is to be in
   * @param take gets what it tells, in order
   * @param onEnd called as soon as it has ended, or could not be started
   */
  constructor(
    laneName: string,
    network: NetworkChoice,
    take: (report: Report) => void,
    onEnd: (why: Ending | Error) => void,
  ) {
    this.process = fork(join(__dirname, "inside", "main.js"), network === "own" ? [laneName, network] : [laneName], {
      // Nothing of this process's own: not its command line, not its descriptors.
      ...(network === "own" ? OWN_NETWORK : { execArgv: [] }),
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
    });
    const child = this.process;
    running.add(child);
    const closed = once(child, "close");
    const exited = new Promise<Ending>((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
    // What it told before its end can arrive after it: only the end of the pipe says that this was all.
    const silent = once(child, "disconnect");
    this.ended = Promise.all([exited, silent]).then(async ([ending]) => {
      running.delete(child);
      onEnd(ending);
      await closed;
    });
    // Also told when a message or a signal does not get through, which its end explains.
    child.on("error", (error) => {
      if (child.pid !== undefined) return;
      running.delete(child);
      onEnd(error);
    });
    child.on("message", (reports) => {
      for (const report of reports as Report[]) take(report);
    });
    // Without a descriptor left there are no pipes; that is told as an error.
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      forEachLine(stream, (line) => {
        this.lastWords = line;
        printLine(lane(laneName) + line);
      });
    }
    child.unref();
    child.channel?.unref();
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.process.pid;
  }

  /** @throws DataCloneError (a DOMException) for what cannot be sent: functions, symbols */
  send(request: Request): void {
    // An error of the pipe is no news: that the process has ended is told by its end.
    if (this.process.connected) this.process.send(request, () => {});
  }

  /** @throws TypeError when there is no such signal */
  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }
}

function once(child: ChildProcess, event: "close" | "disconnect"): Promise<void> {
  return new Promise((resolve) => child.once(event, () => resolve()));
}

/** So many characters are a line, also where none ends: what is printed without a newline would be kept, and searched for one again and again. */
const LONGEST_LINE = 10_000;

/** Gives what comes from a pipe line by line; the pipe keeps this process alive in no way. */
function forEachLine(stream: Readable, take: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
    if (rest.length < LONGEST_LINE) return;
    take(rest);
    rest = "";
  });
  stream.on("end", () => {
    if (rest !== "") take(rest);
  });
  (stream as Readable & { unref?: () => void }).unref?.();
}

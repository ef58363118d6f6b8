import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { lane } from "../../errors";
import { processWide } from "../../libc";
import { print } from "../../trace";
import type { Report, Request } from "./messages";

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

  /**
   * @param lane the process's name: what it prints itself stands in this lane
   * @param take gets what it tells, in order
   * @param onEnd called as soon as it has ended, or could not be started
   */
  constructor(laneName: string, take: (report: Report) => void, onEnd: (why: Ending | Error) => void) {
    this.process = fork(join(__dirname, "inside", "main.js"), [laneName], {
      // Nothing of this process's own: not its command line, not its descriptors.
      execArgv: [],
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
    for (const stream of [child.stdout, child.stderr]) if (stream) showLines(stream, laneName);
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

/** Shows what the process prints, line by line, in the cell that runs. */
function showLines(stream: Readable, name: string): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) print(lane(name) + line);
  });
  stream.on("end", () => {
    if (rest !== "") print(lane(name) + rest);
  });
  (stream as Readable & { unref?: () => void }).unref?.();
}

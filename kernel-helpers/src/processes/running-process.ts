import { clean } from "../bytes/clean";
import { processWide, startedBy, whole, within } from "../cells";
import { InterruptedError, SocketError, TimeoutError } from "../errors";
import { SENTENCES } from "../errors/sentences";
import { removeFile } from "../handles/socket-file";
import { hasEnded, isOutOfDescriptors } from "../inspection";
import { say } from "../trace";
import { announce, ProcessChannel } from "./channel";
import { waitAtMost } from "./limited-wait";
import type { HandleFacts } from "./messages";
import { namesOf } from "./names-of";
import type { NetworkChoice } from "./network-choice";
import { forgetProcess, type NotebookProcess, otherProcesses, rememberProcess } from "./notebook-process";
import { ProcessError } from "./process-error";

/** How long a process may take to start, and to end when it is asked to: milliseconds. Measured: 150 and 10. */
const START = 10_000;
const STOP = 1000;
/** How long closeAll() waits for a killed process to be gone: milliseconds. Measured: 2 to 6. */
const KILL = 500;

processWide("files of other processes end with this one", () => {
  // Those are killed then: child.ts.
  process.on("exit", () => {
    for (const other of otherProcesses())
      for (const { file } of other.openHandles()) if (file !== undefined) removeFile(file);
  });
  return true;
});

/** One of the notebook's other processes, from its start to its end. */
export class RunningProcess implements NotebookProcess {
  readonly channel: ProcessChannel;
  private isReady = false;
  private stopping: Promise<void> | undefined;
  /** How it ends, when the notebook itself ends it: "has ended". */
  private how: string | undefined;
  /** The run of the cell that has ended it, if one has. */
  private ender: unknown;

  constructor(
    readonly name: string,
    private readonly choice: NetworkChoice,
  ) {
    this.channel = new ProcessChannel(name, choice, (left) => this.ended(left));
    rememberProcess(this);
  }

  get pid(): number {
    return this.channel.pid;
  }

  get network(): string | undefined {
    return this.channel.network;
  }

  look(): void {
    this.channel.look();
  }

  openHandles(): HandleFacts[] {
    return [...this.channel.handles.values()].filter(({ closed }) => !closed);
  }

  /** Resolves when the process takes calls. */
  async start(): Promise<void> {
    const call = `otherProcess("${this.name}")`;
    try {
      await waitAtMost(this.channel.ready, {
        milliseconds: START,
        tooLate: () =>
          new TimeoutError(
            call,
            this.name,
            `waited ${START / 1000} s and the process did not start`,
            SENTENCES.startTooLong(),
          ),
        interrupted: () => new InterruptedError(call, this.name, "was interrupted", SENTENCES.startInterrupted()),
      });
    } catch (error) {
      this.channel.kill("SIGKILL");
      forgetProcess(this);
      if (isOutOfDescriptors(error)) throw this.noDescriptor(error.code);
      if (this.choice === "own" && !(error instanceof TimeoutError || error instanceof InterruptedError))
        throw await this.notAllowed(error);
      throw error;
    }
    this.isReady = true;
    const started = this.choice === "own" ? SENTENCES.processStartedAlone : SENTENCES.processStarted;
    announce(this.name, started(`${this.pid}`));
  }

  /** The pipes to the process could not be made: that says nothing of what the machine allows. */
  private noDescriptor(code: string): SocketError {
    const options = this.choice === "own" ? ', { network: "own" }' : "";
    return new SocketError(
      { syscall: "socketpair", code, call: `otherProcess("${this.name}"${options})`, handle: this.name },
      SENTENCES.noPipes(),
    );
  }

  /** Why the process could not be given a network of its own. */
  private async notAllowed(error: unknown): Promise<ProcessError> {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    // Its pipes are read to their end first: what it printed says why.
    const wait = { milliseconds: STOP, tooLate: killed, interrupted: killed };
    if (!missing) await waitAtMost(this.channel.gone, wait).catch(() => {});
    const why = missing
      ? "the program `unshare` is not there (on Debian it is in the package util-linux)"
      : this.channel.lastWords;
    return new ProcessError(
      `otherProcess("${this.name}", { network: "own" })`,
      this.name,
      `this machine does not allow a network of one's own: ${why || this.channel.howEnded()}`,
      SENTENCES.networkNotAllowed(this.name),
    );
  }

  /** Has the process close its handles and end; one that does not is killed. */
  stop(how: string): Promise<void> {
    this.stopping ??= whole(() => this.end(how));
    return this.stopping;
  }

  kill(signal: NodeJS.Signals): void {
    this.ender = startedBy();
    this.channel.kill(signal);
  }

  endNow(how: string): void {
    this.how = how;
    this.ender = startedBy();
    this.channel.kill("SIGKILL");
    const sleeper = new Int32Array(new SharedArrayBuffer(4));
    for (const end = performance.now() + KILL; !hasEnded(this.pid) && performance.now() < end; ) {
      Atomics.wait(sleeper, 0, 0, 1);
    }
    this.channel.lose({ code: null, signal: "SIGKILL" });
  }

  private async end(how: string): Promise<void> {
    this.how = how;
    this.ender = startedBy();
    if (this.isReady) this.channel.stop();
    else this.channel.kill("SIGKILL");
    const wait = { tooLate: killed, interrupted: killed };
    // Stopped by SIGSTOP, or busy: it is not waited for any longer.
    await waitAtMost(this.channel.gone, { milliseconds: STOP, ...wait }).catch(() => this.channel.kill("SIGKILL"));
    await waitAtMost(this.channel.gone, { milliseconds: STOP, ...wait });
  }

  private ended(left: readonly HandleFacts[]): void {
    forgetProcess(this);
    if (!this.isReady) return;
    const names = namesOf(left);
    const [pid, how] = [`${this.pid}`, this.how ?? this.channel.howEnded()];
    within(this.ender ?? startedBy(), () => {
      announce(this.name, names === "" ? SENTENCES.processAtEnd(pid, how) : SENTENCES.handlesAtEnd(pid, how, names));
      // It could not do so itself: with the file there, the next bind() to the path is EADDRINUSE.
      for (const { file } of left)
        if (file !== undefined && removeFile(file)) say(SENTENCES.fileLeft(clean(file.path)));
    });
  }
}

function killed(): Error {
  return new Error("The process does not end.");
}

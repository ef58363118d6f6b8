import { serialize } from "node:v8";
import { shown } from "../bytes/arguments";
import { cellRun, insideKernel, isSilent, whole } from "../cells";
import { InterruptedError, lane } from "../errors";
import { SENTENCES } from "../errors/sentences";
import { placeInCell } from "../handles/cell-place";
import type { CellPlace } from "../handles/earlier-calls";
import type { WaitOptions } from "../handles/wait-options";
import { lookNow, noteState, stepsAreLookedAt } from "../inspection";
import { afterStop, handedOver, never, stopped, Wait } from "../readiness";
import { tooMany } from "../readiness/turn";
import { printLine, trace } from "../trace";
import { Child, type Ending } from "./child";
import { noteHandlesAtEnd } from "./handles-at-end";
import type { Answer, HandleFacts, Report, Request, ServerFacts } from "./messages";
import type { NetworkChoice } from "./network-choice";
import { noteNetwork } from "./networks";
import { type PendingCall, pendingCall } from "./pending-call";
import { ProcessError } from "./process-error";
import { numberOfRun } from "./run-numbers";
import { TraceMerge } from "./trace-merge";

/** So many calls may be under way in one process: enough for two on each of ten thousand handles. More are a loop without `await`. */
const MOST_CALLS = 30_000;

/** One call that is to be made in the other process. */
export interface CallThere<T> {
  /** The handle, or undefined for a call on the process. */
  handle: HandleFacts | undefined;
  method: string;
  args: unknown[];
  /** The call in words, where it is another one for the learner. */
  title?: string;
  waiting?: WaitOptions | undefined;
  finish: (answer: { value: unknown } | { handle: HandleFacts }) => T;
  explain?: (error: Error) => Error;
}

/**
 * The data of an argument, without anything that is a learner's own: Node asks a view for its length, and one that lied would write a message
 * that ends the other process.
 *
 * @throws what structuredClone throws for what is no data
 */
function plain(value: unknown): unknown {
  return typeof value === "object" && value !== null ? structuredClone(value) : value;
}

/** Which argument cannot be sent: a function, a symbol, or an object that has one or cannot be read. */
function noData(method: string, args: readonly unknown[]): TypeError {
  const at = args.findIndex((value) => {
    try {
      // As Node writes messages to another process: not what can only be shared with a thread.
      serialize(plain(value));
      return false;
    } catch {
      return true;
    }
  });
  return new TypeError(
    `Argument ${at + 1} of ${method}() is ${shown(args[at])} that cannot go to another process, which takes data only: text, numbers, bytes and options.`,
  );
}

/** The notebook's end of the connection to its other process: sends calls, takes answers, and knows when it has ended. */
export class ProcessChannel {
  readonly pid: number;
  /** The open handles that the process has told of, by their numbers. */
  readonly handles = new Map<number, HandleFacts>();
  /** The servers that the process has told of, by their numbers, until they have ended. */
  private readonly servers = new Map<number, ServerFacts>();
  /** The network that the process is in, once it is ready: see `networkOf`. */
  network: string | undefined;
  private readonly child: Child;
  private readonly pending = new Map<number, PendingCall<unknown>>();
  private merge: TraceMerge | undefined;
  private ending: Ending | undefined;
  private count = 0;
  private becameReady: (() => void) | undefined;
  private couldNotStart: ((error: Error) => void) | undefined;
  /** Resolves when the process takes calls. */
  readonly ready: Promise<void>;

  constructor(
    readonly name: string,
    network: NetworkChoice,
    /** Called once when it has ended, with the handles that were open. */
    private readonly onEnd: (left: readonly HandleFacts[]) => void,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.becameReady = resolve;
      this.couldNotStart = reject;
    });
    this.ready.catch(() => {});
    this.child = new Child(
      name,
      network,
      (report) => this.take(report),
      (why) => (why instanceof Error ? this.couldNotStart?.(why) : this.lose(why)),
    );
    this.pid = this.child.pid ?? -1;
  }

  get alive(): boolean {
    return this.ending === undefined && this.pid > 0;
  }

  /** Resolves when the process has ended. */
  get gone(): Promise<unknown> {
    return this.child.ended;
  }

  /** What the process itself printed last. */
  get lastWords(): string {
    return this.child.lastWords;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Asks the process to close its handles and to end. */
  stop(): void {
    this.send({ ask: "stop" });
  }

  /** Has the process look at the states of its TCP sockets. */
  look(): void {
    this.send({ ask: "look" });
  }

  /** Sends a call, and waits for its answer. */
  call<T>(call: CallThere<T>): Promise<T> {
    return whole(() => this.begin(call));
  }

  private begin<T>({
    handle,
    method,
    args,
    title,
    waiting,
    finish,
    explain = (error) => error,
  }: CallThere<T>): Promise<T> {
    const call = title ?? `${method}(${handle?.fd ?? ""})`;
    const where = handle?.name ?? this.name;
    const then = stopped.any ? afterStop() : "goes on";
    if (then === "never returns") return never();
    if (then === "fails") return Wait.reject(interruptedBefore(call, where)) as Wait<T>;
    if (!this.alive) return handedOver(Wait.reject(this.endedError(call, where)));
    if (this.pending.size >= MOST_CALLS) {
      const what = `in ${this.title} was not made: 30,000 calls of that process have not returned yet`;
      throw tooMany(call, where, what);
    }
    this.count += 1;
    const id = this.count;
    const request: Request = {
      ask: "call",
      id,
      handle: handle?.id,
      method,
      args,
      cell: cellPlace(),
      silent: isSilent(),
      run: numberOfRun(),
    };
    const pending = pendingCall<T>({
      call,
      handle: where,
      signal: waiting?.signal,
      where: request.cell?.where,
      timeout: waiting?.timeout,
      longestTimeout: handle?.longestTimeout ?? 0,
      process: this.title,
      explain,
      finish: (answer) => finish("handle" in answer ? { handle: this.know(answer.handle) } : answer),
      cancel: (why) => this.send({ ask: "cancel", id, why }),
    });
    this.pending.set(id, { ...pending, fail: (error) => pending.fail(error ?? this.endedError(call, where)) });
    try {
      this.send({ ...request, args: args.map(plain) });
    } catch {
      this.pending.delete(id);
      pending.fail(noData(method, args));
    }
    return pending.wait;
  }

  private send(request: Request): void {
    this.child.send(request);
  }

  private take(report: Report): void {
    if (this.ending !== undefined) return;
    if (report.tell === "ready") {
      this.merge = new TraceMerge(this.pid, report.clock);
      this.network = report.network;
      noteNetwork(this.pid, report.network);
      if (stepsAreLookedAt()) this.send({ ask: "watch" });
      this.becameReady?.();
    } else if (report.tell === "answer") this.answer(report.id, report.answer);
    else if (report.tell === "server") this.knowServer(report.server);
    else if (report.tell === "handle") this.know(report.facts);
    else if (report.tell === "state") {
      const { facts, inode, state, at } = report;
      const { pid, network } = this;
      noteState(this.know(facts), state, this.merge!.here(at), { pid, network, inode });
    } else {
      if (report.tell === "ended" && report.facts !== undefined) this.know(report.facts);
      this.merge?.take(report);
    }
  }

  private answer(id: number, answer: Answer): void {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    pending?.settle(answer);
  }

  /** Notes what a handle is like now. */
  private know(facts: HandleFacts): HandleFacts {
    const known = Object.assign(this.handles.get(facts.id) ?? facts, facts);
    // A closed one is told of no more, and belongs to who holds its handle alone.
    if (known.closed) this.handles.delete(facts.id);
    else this.handles.set(facts.id, known);
    return known;
  }

  /** Notes what a server is like now. */
  knowServer(facts: ServerFacts): ServerFacts {
    const known = Object.assign(this.servers.get(facts.id) ?? facts, facts);
    if (known.state === "stopped" && known.clients === 0) this.servers.delete(facts.id);
    else this.servers.set(facts.id, known);
    return known;
  }

  /** The process has ended, or is about to: nothing that it tells counts any more. */
  lose(ending: Ending): void {
    if (this.ending !== undefined) return;
    this.ending = ending;
    const left = [...this.handles.values()].filter(({ closed }) => !closed);
    for (const facts of left) facts.closed = true;
    for (const server of this.servers.values()) {
      if (server.state !== "stopped") server.why = `was ended with its process, which ${this.howEnded()}`;
      server.state = "stopped";
      server.clients = 0;
    }
    this.merge?.endAll();
    noteHandlesAtEnd(left, this.pid, this.howEnded());
    // The other ends of its connections.
    if (stepsAreLookedAt())
      lookNow(left.map(({ name, local, peer }) => ({ pid: this.pid, handle: name, local, peer })));
    this.couldNotStart?.(this.endedError("otherProcess()", this.name));
    this.onEnd(left);
    for (const { fail } of this.pending.values()) fail(undefined);
    this.pending.clear();
  }

  private get title(): string {
    return `process ${this.pid} (${this.name})`;
  }

  /** "was ended by SIGKILL", "has ended with status 1" */
  howEnded(): string {
    const { code, signal } = this.ending ?? { code: null, signal: null };
    if (signal !== null) return `was ended by ${signal}`;
    return code === 0 ? "has ended" : `has ended with status ${code}`;
  }

  private endedError(call: string, handle: string): ProcessError {
    return new ProcessError(
      call,
      handle,
      SENTENCES.processEnded(`${this.title} ${this.howEnded()}`),
      SENTENCES.runProcessAgain(this.name),
    );
  }
}

/** The code that calls belongs to a cell that was interrupted while none of its calls was under way. */
function interruptedBefore(call: string, where: string): InterruptedError {
  return new InterruptedError(call, where, "was interrupted", SENTENCES.nothingLost());
}

/** Prints a line in the process's own lane. */
export function announce(name: string, text: string): void {
  if (trace.mode !== "off") printLine(lane(name) + text);
}

let run: unknown;
let runs = 0;

/** The place in the cell where the call stands, in a form that can be sent. */
function cellPlace(): CellPlace | undefined {
  if (!insideKernel()) return undefined;
  if (cellRun() !== run) {
    run = cellRun();
    runs += 1;
  }
  const where = placeInCell();
  return where === undefined ? undefined : { run: runs, where };
}

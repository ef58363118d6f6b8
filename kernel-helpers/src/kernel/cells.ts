import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as delay } from "node:timers/promises";
import type { Engine, Outcome } from "./engine";
import { direct, type Sink } from "./output";
import type { Request } from "./wire";

/** How a message goes out. */
export interface Outbox {
  publish(msgType: string, parent: Request, content: object): void;
  reply(msgType: string, parent: Request, content: object): void;
}

/** The cell that was started last, for code in cells: `globalThis[Symbol.for("socket-workshop.cell")]`. */
export interface CurrentCell {
  /** Its execution count. */
  count: number;
  running: boolean;
  /** Stands for this run of it: another object each time. */
  run: object;
  /** The run of the cell that has started the code in progress: an earlier one, if it goes on in the background. */
  startedBy(): object | undefined;
}

interface ExecuteContent {
  code: string;
  silent?: boolean;
  store_history?: boolean;
  stop_on_error?: boolean;
}

/**
 * How long, in milliseconds, no further request may come in after a cell has failed until those that are there count as "already
 * queued". A front end sends the cells of "Run All" at once, but the Jupyter server hands them on one by one: without this pause
 * 38 of 60 cells behind a failing one ran all the same in one of five trials, with 20 ms none in five.
 */
const QUIET = 50;
const LONGEST_QUIET = 500;

/** Runs execute requests one after the other. */
export class Cells {
  readonly #code = new AsyncLocalStorage<object>();
  readonly current: CurrentCell = { count: 0, running: false, run: {}, startedBy: () => this.#code.getStore() };
  /** The request that runs now. */
  running: Request | undefined;
  readonly #queue: Request[] = [];
  #received = 0;
  #sink: Sink | undefined;
  #loaded: Engine | undefined;

  constructor(
    readonly engine: Promise<Engine>,
    readonly outbox: Outbox,
  ) {}

  add(request: Request): void {
    this.#received++;
    this.#queue.push(request);
    if (this.running === undefined) void this.#work();
  }

  /** Ends the cell that waits in an `await`; does nothing when none runs. */
  interrupt(): void {
    // At once, in the signal's own turn: then the cell ends with our error, whatever else the signal makes its code throw.
    if (this.current.running) this.#loaded?.interrupt();
  }

  /** Uses the time before the first cell. */
  warmUp(): void {
    if (this.running === undefined) void this.engine.then((engine) => engine.warmUp());
  }

  async #work(): Promise<void> {
    for (let request = this.#queue.shift(); request !== undefined; request = this.#queue.shift()) {
      this.running = request;
      const { outbox } = this;
      outbox.publish("status", request, { execution_state: "busy" });
      const aborted = await this.#execute(request, request.content as unknown as ExecuteContent);
      outbox.publish("status", request, { execution_state: "idle" });
      for (const other of aborted) this.#abort(other);
    }
    this.running = undefined;
  }

  /** Runs one request and replies to it. Returns the requests that must not run because of it. */
  async #execute(request: Request, content: ExecuteContent): Promise<Request[]> {
    const silent = content.silent === true;
    const remembered = !silent && content.store_history !== false;
    if (remembered) this.current.count++;
    const execution_count = this.current.count;
    const { outbox } = this;
    if (!silent) outbox.publish("execute_input", request, { code: content.code, execution_count });
    const outcome = await this.#run(content.code, silent ? MUTE : sinkOf(request, outbox), silent);
    if (remembered) this.#loaded?.history.add(execution_count, content.code, outcome.ok ? outcome.result : undefined);
    if (outcome.ok) {
      if (!silent) this.#show(request, outcome, execution_count);
      const reply = { status: "ok", execution_count, user_expressions: {}, payload: [] };
      outbox.reply("execute_reply", request, reply);
      return [];
    }
    if (!silent) outbox.publish("error", request, outcome.error);
    const aborted = content.stop_on_error === false ? [] : await this.#queued();
    outbox.reply("execute_reply", request, { status: "error", execution_count, ...outcome.error });
    return aborted;
  }

  async #run(code: string, sink: Sink, silent: boolean): Promise<Outcome> {
    this.current.running = true;
    this.current.run = {};
    try {
      const engine = await this.engine;
      this.#loaded = engine;
      direct(sink);
      if (!silent) this.#sink = sink;
      return await this.#code.run(this.current.run, () => engine.run(code, this.current.count));
    } finally {
      this.current.running = false;
      if (silent && this.#sink !== undefined) direct(this.#sink);
    }
  }

  #show(request: Request, { result, notes }: Outcome & { ok: true }, execution_count: number): void {
    if (notes.length > 0) this.outbox.publish("stream", request, { name: "stderr", text: `${notes.join("\n")}\n` });
    if (result === undefined) return;
    const data = { "text/plain": result };
    this.outbox.publish("execute_result", request, { execution_count, data, metadata: {} });
  }

  /** Takes the requests that were sent before the reply to the failed one. */
  async #queued(): Promise<Request[]> {
    const deadline = performance.now() + LONGEST_QUIET;
    let before: number;
    do {
      before = this.#received;
      await delay(QUIET);
    } while (this.#received !== before && performance.now() < deadline);
    return this.#queue.splice(0);
  }

  #abort(request: Request): void {
    this.outbox.publish("status", request, { execution_state: "busy" });
    this.outbox.reply("execute_reply", request, { status: "aborted" });
    this.outbox.publish("status", request, { execution_state: "idle" });
  }
}

const MUTE: Sink = { stream() {}, display() {} };

function sinkOf(request: Request, outbox: Outbox): Sink {
  return {
    stream: (name, text) => outbox.publish("stream", request, { name, text }),
    display: (msgType, content) => outbox.publish(msgType, request, content),
  };
}

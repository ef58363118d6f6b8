import { AsyncLocalStorage } from "node:async_hooks";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { CellOutput } from "./cell-output";
import type { Engine, Outcome } from "./engine";
import { INTERRUPTED } from "./errors";
import { capture } from "./output";
import { PostOffice } from "./post-office";
import { untouched } from "./untouched";
import type { Request } from "./wire";

/** How a message goes out. */
export interface Outbox {
  /** Tells how many bytes the message has. */
  publish(msgType: string, parent: Request, content: object): number;
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
  /** Does something as the code of a run does it: what it prints belongs to that one's cell. */
  within<T>(run: object, action: () => T): T;
  /** Does something as a run of its own, which goes on whatever becomes of the cell: what it prints belongs to the same cell. */
  apart<T>(action: () => T): T;
  /**
   * Calls `action` whenever the event loop was in code that left nothing else its turn, and that code was ended: what was due between these times
   * (performance.now()) is lost.
   */
  afterLoss(action: (since: number, until: number) => void): void;
  /** Calls `action` when the running cell is about to end; false when another one has started the code in progress. */
  beforeEnd(action: () => void): boolean;
  /** Shows something, in several MIME types at once; what has an id can be shown anew in its place. */
  display(data: Readonly<Record<string, string>>, id?: string, update?: boolean): void;
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

/** How long, in milliseconds, an interrupted cell may take to end before it counts as lost. */
const LOST = 200;

/** Of how many cells is known where a next run of them shows what it shows. */
const CELLS_KNOWN = 1000;

/** Runs execute requests one after the other. */
export class Cells {
  readonly #code = new AsyncLocalStorage<object>();
  readonly current: CurrentCell = {
    count: 0,
    running: false,
    run: {},
    startedBy: () => this.#code.getStore(),
    within: (run, action) => this.#code.run(run, action),
    apart: (action) => {
      const run = {};
      this.#outputs.set(run, this.#output());
      return this.#code.run(run, action);
    },
    afterLoss: (action) => {
      this.#afterLoss.push(action);
    },
    beforeEnd: (action) => this.#beforeEnd(action),
    display: (data, id, update = false) => {
      const content = { data, metadata: {}, transient: id === undefined ? {} : { display_id: id } };
      this.#loaded!.interrupts.sections.printing(() =>
        this.#output().display(update ? "update_display_data" : "display_data", content),
      );
    },
  };
  /** The request that runs now. */
  running: Request | undefined;
  /** The request whose cell has ended, and that is replied to. */
  #replying: Request | undefined;
  readonly office: PostOffice;
  readonly #queue: Request[] = [];
  #received = 0;
  #loaded: Engine | undefined;
  /** Where the code of each run shows what it shows. */
  readonly #outputs = new WeakMap<object, CellOutput>();
  /** By the ids of the cells, as far as the front end tells them: a cell that is run again has one place only. */
  readonly #outputOfCell = new Map<string, CellOutput>();
  /** The output of the cell that was started last: for code of which nobody knows who has started it. */
  #newest: CellOutput | undefined;
  /** That of silent requests: nobody gets it. */
  readonly #mute = new CellOutput(new PostOffice(() => 0), {} as Request);
  #endings: (() => void)[] = [];
  readonly #afterLoss: ((since: number, until: number) => void)[] = [];
  /** Ends the wait for what a cell has printed more than may be sent at once. */
  #hurry: (() => void) | undefined;
  #interrupted = false;

  constructor(
    readonly engine: Promise<Engine>,
    readonly outbox: Outbox,
  ) {
    this.office = new PostOffice((msgType, parent, content) => outbox.publish(msgType, parent, content));
  }

  add(request: Request): void {
    this.#received++;
    this.#queue.push(request);
    if (this.running === undefined) void this.#work();
  }

  /** Ends the cell that waits in an `await`; does nothing when none runs. */
  interrupt(): void {
    // At once, in the signal's own turn: then the cell ends with our error, whatever else the signal makes its code throw.
    if (this.current.running) this.#loaded?.interrupt();
    this.#interrupted = true;
    this.#hurry?.();
  }

  /**
   * Ends the running cell if nothing goes on with it any more: the promise that was to do so is lost. What still goes on has its time first.
   */
  giveUp(): void {
    const request = this.running;
    if (request === undefined) return;
    setTimeout(() => {
      if (this.running !== request || this.#replying === request) return;
      this.current.running = false;
      const { count: execution_count } = this.current;
      if ((request.content as ExecuteContent).silent !== true) this.#newest?.send("error", INTERRUPTED);
      this.outbox.reply("execute_reply", request, { status: "error", execution_count, ...INTERRUPTED });
      this.#idle(request);
      this.running = undefined;
      void this.#work();
    }, LOST);
  }

  /** Tells code in cells of what is lost. */
  tellLoss(since: number, until: number): void {
    for (const action of this.#afterLoss) action(since, until);
  }

  /** `console.clear()`: takes away what the cell has shown that has started the code in progress. */
  clear(): void {
    untouched(() => this.#output().send("clear_output", { wait: false }));
  }

  /** Uses the time before the first cell. */
  warmUp(): void {
    if (this.running === undefined) void this.engine.then((engine) => engine.warmUp());
  }

  async #work(): Promise<void> {
    let request = untouched(() => this.#queue.shift());
    while (request !== undefined) {
      this.running = request;
      this.outbox.publish("status", request, { execution_state: "busy" });
      const aborted = await this.#execute(request, request.content as unknown as ExecuteContent);
      if (this.running !== request) return;
      const done = request;
      request = untouched(() => this.#nextAfter(done, aborted));
    }
    this.running = undefined;
  }

  #nextAfter(done: Request, aborted: readonly Request[]): Request | undefined {
    this.#idle(done);
    for (const other of aborted) this.#abort(other);
    return this.#queue.shift();
  }

  /** Runs one request and replies to it. Returns the requests that must not run because of it. */
  async #execute(request: Request, content: ExecuteContent): Promise<Request[]> {
    const silent = content.silent === true;
    const remembered = !silent && content.store_history !== false;
    if (remembered) this.current.count++;
    const execution_count = this.current.count;
    if (!silent) this.outbox.publish("execute_input", request, { code: content.code, execution_count });
    const output = silent ? undefined : untouched(() => this.#outputFor(request));
    const outcome = await this.#run(content.code, output);
    // Awaited here: to return a promise is to call its `then`, which a cell may have replaced.
    return await untouched(() => {
      if (remembered) this.#loaded?.history.add(execution_count, content.code, outcome.ok ? outcome.result : undefined);
      return this.#conclude(request, content, outcome, output);
    });
  }

  /** Shows what became of a cell, and replies. */
  async #conclude(
    request: Request,
    content: ExecuteContent,
    outcome: Outcome,
    output: CellOutput | undefined,
  ): Promise<Request[]> {
    // It was given up meanwhile.
    if (this.running !== request) return [];
    const { outbox } = this;
    const execution_count = this.current.count;
    this.#replying = request;
    if (outcome.ok) {
      if (output !== undefined) show(output, outcome, execution_count);
      await this.#sent(output);
      const reply = { status: "ok", execution_count, user_expressions: {}, payload: [] };
      outbox.reply("execute_reply", request, reply);
      return [];
    }
    output?.send("error", outcome.error);
    // An interrupted cell ends at once: what it has printed more than may be sent now follows.
    if (outcome.error !== INTERRUPTED && !this.#interrupted) await this.#sent(output);
    const aborted = content.stop_on_error === false ? [] : await this.#queued();
    outbox.reply("execute_reply", request, { status: "error", execution_count, ...outcome.error });
    return aborted;
  }

  /** @param output none for a silent request */
  async #run(code: string, output: CellOutput | undefined): Promise<Outcome> {
    const run = {};
    this.current.running = true;
    this.current.run = run;
    this.#interrupted = false;
    this.#outputs.set(run, output ?? this.#mute);
    if (output !== undefined) this.#newest = output;
    try {
      const engine = await this.engine;
      this.#loaded = engine;
      return await untouched(() => {
        capture(() => this.#output(), engine.interrupts.sections);
        return this.#code.run(run, () => engine.run(code, this.current.count));
      });
    } finally {
      untouched(() => this.#end(run));
      this.current.running = false;
    }
  }

  #end(run: object): void {
    const endings = this.#endings.splice(0);
    this.#code.run(run, () => {
      for (const action of endings) action();
    });
  }

  /** The output of the cell that has started the code in progress. */
  #output(): CellOutput {
    const run = this.#code.getStore();
    return (run && this.#outputs.get(run)) ?? this.#newest ?? this.#mute;
  }

  #outputFor(request: Request): CellOutput {
    const { cellId } = request.metadata;
    const known = typeof cellId === "string" ? this.#outputOfCell.get(cellId) : undefined;
    const output = known ?? new CellOutput(this.office, request);
    output.parent = request;
    if (typeof cellId === "string") this.#remember(cellId, output);
    this.office.begins(output);
    return output;
  }

  #remember(cellId: string, output: CellOutput): void {
    const known = this.#outputOfCell;
    known.delete(cellId); // So that it is the last one.
    known.set(cellId, output);
    if (known.size <= CELLS_KNOWN) return;
    const [oldest] = known.keys();
    known.delete(oldest!);
  }

  #beforeEnd(action: () => void): boolean {
    const { running, run } = this.current;
    if (!running || this.#code.getStore() !== run) return false;
    this.#endings.push(action);
    return true;
  }

  /** Waits until everything is on its way that the cell has shown, or until an interrupt. */
  async #sent(output: CellOutput | undefined): Promise<void> {
    // What it has shown in the places of other cells, too: a plot that was drawn for the last time.
    this.office.flushInTurns();
    const sent = output?.flushed();
    if (sent === undefined) return;
    const hurry = new Promise<void>((resolve) => {
      this.#hurry = resolve;
    });
    await Promise.race([sent, hurry]);
    this.#hurry = undefined;
  }

  /** Takes the requests that were sent before the reply to the failed one. */
  async #queued(): Promise<Request[]> {
    const deadline = performance.now() + LONGEST_QUIET;
    let before: number;
    do {
      before = this.#received;
      await delay(QUIET);
    } while (this.#received !== before && performance.now() < deadline);
    return untouched(() => this.#queue.splice(0));
  }

  #abort(request: Request): void {
    this.outbox.publish("status", request, { execution_state: "busy" });
    this.outbox.reply("execute_reply", request, { status: "aborted" });
    this.#idle(request);
  }

  #idle(request: Request): void {
    this.outbox.publish("status", request, { execution_state: "idle" });
    this.office.idle();
  }
}

function show(output: CellOutput, { result, notes }: Outcome & { ok: true }, execution_count: number): void {
  if (notes.length > 0) output.write("stderr", `${notes.join("\n")}\n`);
  if (result === undefined) return;
  output.send("execute_result", { execution_count, data: { "text/plain": result }, metadata: {} });
}

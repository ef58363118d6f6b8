import type { EventEmitter } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import {
  ANSWER,
  Answer,
  AT_WORK,
  END_THIS,
  ENDING,
  FLAGS,
  HEARD,
  LOCK,
  ROUND,
  TAKEN,
  type Told,
  TURNS,
  WHERE,
} from "./flags";
import { runBetweenImmediates } from "./immediates";
import { Sections } from "./sections";
import { placeOf, termination } from "./termination";
import { Ticks } from "./ticks";
import { untouched } from "./untouched";

/** SIGINT's number, which is the same everywhere. */
const SIGINT = 2;

/** Before they are replaced. */
const inNextTurn = setImmediate;
const now = performance.now.bind(performance);
const { add, exchange, load, notify, store } = Atomics;
const inNextMicrotask = queueMicrotask;
const emit = (process as EventEmitter).emit.bind(process);

/** How often in a row code of Node's or of ours is left alone, before it is ended like a learner's. */
const PATIENCE = 100;

/**
 * Listens to SIGINT, Jupyter's interrupt, for the whole life of the kernel; `onInterrupt` may be set later than the listener, which
 * comes first of all: without one the signal ends the process.
 */
export class Interrupts {
  onInterrupt = () => {};
  /** What the event loop did between these times was ended, and some of what was to come after it in the same turn is lost. */
  onLoss = (_since: number, _until: number) => {};
  /** That has happened since a cell was begun. */
  unwound = false;
  #hasLost = false;
  /** When the turn of the event loop began in which something was ended first, and when something was ended last. */
  #lost = { since: 0, until: 0 };
  #turnBegan = 0;
  /** How often in a row what this thread did could not be ended just then. */
  #refusals = 0;
  /**
   * In which round of asking something was ended last: once in each. The event loop comes round then, to the interrupt and to all else that has
   * come meanwhile, and what is ended a second time takes that with it: a request that was just being read was lost.
   */
  #endedIn = 0;
  /** The process that has started this one is gone. */
  onOrphaned = () => {};
  /** The thread listens: from now on a cell may run. Also when there is no thread, and the kernel has to do without. */
  readonly ready: Promise<void>;
  readonly #listener = () => this.onInterrupt();
  readonly #flags = new Int32Array(new SharedArrayBuffer(4 * FLAGS));
  /** The sections of code that no interrupt ends in the middle: the kernel's own, and those of code in cells that asks for it. */
  readonly sections = new Sections(this.#flags);
  readonly #ticks: Ticks;

  constructor() {
    process.on("SIGINT", this.#listener);
    const endIfNeeded = () => {
      if (this.#isNeeded()) this.#end();
    };
    this.#ticks = new Ticks(endIfNeeded);
    const endThis = () => {
      const answer = untouched(() => this.#answer(endThis));
      store(this.#flags, ANSWER, answer);
      notify(this.#flags, ANSWER);
      // A loop of promises is nearly always found in Node's own code, or between two of them, but comes to this soon.
      if (answer === Answer.NOT_NOW) {
        inNextMicrotask(endIfNeeded);
        this.#ticks.ask();
      }
      if (answer === Answer.ENDS) this.#end();
    };
    const where = () => {
      const place = untouched(() => placeOf(where));
      store(this.#flags, ANSWER, place === "learner" ? Answer.ENDS : Answer.NOT_NOW);
      notify(this.#flags, ANSWER);
    };
    Object.defineProperties(globalThis, { [END_THIS]: { value: endThis }, [WHERE]: { value: where } });
    Object.assign(globalThis, { [Symbol.for("socket-workshop.sections")]: this.sections });
    this.ready = this.#startThread();
    this.#countTurns();
    runBetweenImmediates();
  }

  /** Runs the synchronous part of a cell, which a signal ends. */
  inCell<T>(run: () => T): T {
    this.sections.cellBegins();
    try {
      return run();
    } finally {
      this.sections.cellEnds();
      this.#restore();
    }
  }

  /** Does work of the kernel's own, which no interrupt ends. */
  atWork<T>(work: () => T): T {
    store(this.#flags, AT_WORK, 1);
    try {
      return work();
    } finally {
      store(this.#flags, AT_WORK, 0);
    }
  }

  /** Whether a signal has come that was not told yet. It counts as told then: it was meant for the cell that is just being compiled. */
  takePending(): boolean {
    const heard = load(this.#flags, HEARD);
    return exchange(this.#flags, TAKEN, heard) < heard;
  }

  /** Tells all listeners, as Node would, had it not taken them away: of a signal that the thread has heard, or that has ended a cell's synchronous part. */
  tellAll(): void {
    emit("SIGINT", "SIGINT", SIGINT);
  }

  /** The process is about to end: if it has not done so soon, the thread sees to it. */
  ending(): void {
    store(this.#flags, ENDING, 1);
  }

  /**
   * Node runs the synchronous part of a cell with its own handler of SIGINT and puts the listeners back afterwards. If the cell itself has
   * added the first listener meanwhile, ours is no longer the first; and without the thread Node leaves the system's default in place
   * behind them, and the next interrupt would end the process.
   */
  #restore(): void {
    const listeners = process.rawListeners("SIGINT") as (() => void)[];
    if (listeners[0] === this.#listener) return;
    process.removeAllListeners("SIGINT");
    const others = listeners.filter((listener) => listener !== this.#listener);
    for (const listener of [this.#listener, ...others]) process.on("SIGINT", listener);
  }

  #end(): void {
    this.#lost = { since: this.#hasLost ? this.#lost.since : this.#turnBegan, until: now() };
    this.unwound = this.#hasLost = true;
    this.#refusals = 0;
    this.#endedIn = load(this.#flags, ROUND);
    this.sections.unwound();
    this.#ticks.ended();
    const endIt = untouched(termination);
    endIt();
  }

  /** Whether an interrupt still waits to be heard, and may end what this thread does. That can have changed since it was asked. */
  #isNeeded(): boolean {
    const isSet = (flag: number) => load(this.#flags, flag) !== 0;
    if (isSet(LOCK) || isSet(AT_WORK) || load(this.#flags, ROUND) === this.#endedIn) return false;
    return load(this.#flags, HEARD) > load(this.#flags, TAKEN);
  }

  /** What is to become of the code in the middle of which `asked` was called. */
  #answer(asked: () => void): number {
    if (!this.#isNeeded()) {
      this.#refusals = 0;
      return Answer.NO_NEED;
    }
    const place = placeOf(asked);
    if (place === "learner" && !this.sections.any) return Answer.ENDS;
    this.#refusals += 1;
    return (place === "inside" || place === "learner") && this.#refusals >= PATIENCE ? Answer.ENDS : Answer.NOT_NOW;
  }

  #startThread(): Promise<void> {
    const worker = new Worker(join(__dirname, "interrupt-thread.js"), { workerData: this.#flags, execArgv: [] });
    return new Promise((resolve) => {
      worker.on("message", (told: Told) => {
        if (told.tell === "heard") this.#take(told.number);
        else if (told.tell === "orphaned") this.onOrphaned();
        else {
          leaveSignalAlone();
          resolve();
        }
      });
      worker.on("error", () => resolve());
      worker.unref();
    });
  }

  /** An immediate runs in each turn of the event loop; this one keeps none going. */
  #countTurns(): void {
    add(this.#flags, TURNS, 1);
    this.#turnBegan = now();
    this.#ticks.newTurn();
    inNextTurn(() => this.#countTurns()).unref();
  }

  #take(number: number): void {
    if (number > load(this.#flags, TAKEN)) {
      store(this.#flags, TAKEN, number);
      this.tellAll();
    }
    if (!this.#hasLost) return;
    this.#hasLost = false;
    this.onLoss(this.#lost.since, this.#lost.until);
  }
}

/**
 * From now on Node gives SIGINT no handler when a listener is added, and takes none away when one is removed: the thread's must stay. The
 * listeners themselves are as ever.
 */
function leaveSignalAlone(): void {
  for (const event of ["newListener", "removeListener"]) {
    for (const listener of process.rawListeners(event)) {
      process.removeListener(event, listener as () => void);
      process.on(event, (name: string, ...rest: unknown[]) => {
        if (name !== "SIGINT") listener.call(process, name, ...rest);
      });
    }
  }
}

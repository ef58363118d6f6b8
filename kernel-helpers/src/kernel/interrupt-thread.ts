import { Script } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { watchAncestors } from "./ancestors";
import { ASK, ask, hangUp } from "./ask";
import {
  Answer,
  AT_WORK,
  END_THIS,
  ENDING,
  HEARD,
  KNOCKS,
  LOCK,
  ROUND,
  runIn,
  TAKEN,
  type Told,
  TURNS,
  WANTED,
} from "./flags";
import { guardRun } from "./guard";
import { computed, isOver, type Moment, moment } from "./moments";

/*
 * The thread that watches over the main one, whatever that does. It hears SIGINT, sees that the parent is gone, and that the process does not
 * end.
 *
 * Node runs the synchronous part of a cell with `breakOnSigint`. Before it, Node takes its listeners away, and until its watchdog is there the system's default
 * is in place; after it, Node puts a handler in place that ends the process, until the listeners are back. A signal in one of these gaps
 * ended the kernel, on a busy machine now and then. Node's watchdog leaves its own handler in place as long as any script is under way
 * that it watches, in any thread. So this thread is always inside such a script, where it sleeps: the gaps are gone. A signal goes to the
 * script that was begun last: to the cell, if one runs its synchronous part, else to this thread, which tells the main one.
 *
 * A script that a signal has ended has to be begun again. Meanwhile the one around it is under way, and so on: one inside the other.
 *
 * A cell that comes to a section which is to be whole (sections.ts) asks to be guarded: guard.ts.
 */
const DEPTH = 32;

/** How often the thread looks around: milliseconds. */
const EVERY = 100;
/** How long the main thread may take to hear of an interrupt, before what it does is ended: a loop after an `await`, for one. */
const DEAF = 400;
/** And how much of that the process must have computed: on a busy machine it may just not have had its turn. */
const AT_LEAST = 200;
/**
 * How long the process may take to end, once it is to: as processor time, which a loop uses up and a busy machine does not give, and in all,
 * for what sleeps.
 */
const LAST = { computing: 500, inAll: 2500 };

const flags = workerData as Int32Array;
let ready = false;
const scripts = Array.from({ length: DEPTH }, (_, depth) => new Script(`interruptible(${depth + 1})`));

function tell(told: Told): void {
  parentPort!.postMessage(told);
}

function enter(depth: number): void {
  scripts[depth]!.runInThisContext({ breakOnSigint: true });
}

function heard(): void {
  const number = Atomics.add(flags, HEARD, 1) + 1;
  tell({ tell: "heard", number });
}

function interruptible(depth: number): void {
  while (depth < DEPTH) {
    try {
      enter(depth);
    } catch {
      heard();
    }
    // A script that is begun after the cell's would hear the next signal in its place.
    while (Atomics.load(flags, LOCK) !== 0) rest();
  }
  if (!ready) tell({ tell: "ready" });
  ready = true;
  for (;;) rest();
}

/** Sleeps until there is something to do, and does it. */
function rest(): void {
  const knocks = Atomics.load(flags, KNOCKS);
  const run = runIn(Atomics.load(flags, LOCK));
  if (run !== 0 && Atomics.load(flags, WANTED) === run) {
    if (guardRun(run, look)) heard();
  } else {
    Atomics.wait(flags, KNOCKS, knocks, EVERY);
    look();
  }
}

const isOrphan = watchAncestors();
let orphaned = false;
let ending: Moment | undefined;

function look(): void {
  if (!orphaned && isOrphan()) {
    orphaned = true;
    tell({ tell: "orphaned" });
  }
  if (orphaned || Atomics.load(flags, ENDING) === 1) ending ??= moment();
  if (ending !== undefined && isOver(ending, LAST)) process.kill(process.pid, "SIGKILL");
  if (isDeaf()) endWhatItDoes();
}

/** Since when the event loop has not come round, with an interrupt to hear of. */
let deaf: (Moment & { turns: number }) | undefined;

/** Whether the main thread has not taken notice of an interrupt for too long, and is in code that may be ended. */
function isDeaf(): boolean {
  const waits = Atomics.load(flags, HEARD) > Atomics.load(flags, TAKEN);
  const turns = Atomics.load(flags, TURNS);
  const isFree = !waits || Atomics.load(flags, LOCK) !== 0 || Atomics.load(flags, AT_WORK) === 1;
  if (isFree || deaf?.turns !== turns) deaf = isFree ? undefined : { ...moment(), turns };
  if (deaf === undefined) return false;
  return performance.now() - deaf.at >= DEAF && computed() - deaf.used >= AT_LEAST;
}

/** Asks the main thread, in the middle of whatever it does, to end that: the last that is done, and only against code that leaves no turn to anything. */
function endWhatItDoes(): void {
  deaf = undefined;
  Atomics.add(flags, ROUND, 1);
  const until = performance.now() + ASK.inAll;
  for (let times = 0; times < ASK.times && performance.now() < until; times++) {
    const answer = ask(END_THIS);
    // No answer: on a busy machine it has not had its turn.
    if (answer !== Answer.NOT_NOW && answer !== Answer.NONE) break;
  }
  hangUp();
}

Object.assign(globalThis, { interruptible });
for (;;) {
  try {
    enter(0);
  } catch {
    heard();
  }
}

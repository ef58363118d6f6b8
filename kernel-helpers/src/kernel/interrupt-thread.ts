import { Session } from "node:inspector";
import { Script } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { watchAncestors } from "./ancestors";
import {
  ANSWER,
  Answer,
  AT_WORK,
  END_THIS,
  ENDING,
  HEARD,
  KNOCKS,
  LOCK,
  Lock,
  lockOf,
  PARKED,
  PENDING,
  runIn,
  TAKEN,
  type Told,
  TURNS,
  WANTED,
  WHERE,
} from "./flags";

/*
 * The thread that watches over the main one, whatever that does. It hears SIGINT, sees that the parent is gone, and that the process does not
 * end.
 *
 * Node runs that part with `breakOnSigint`. Before it, Node takes its listeners away, and until its watchdog is there the system's default
 * is in place; after it, Node puts a handler in place that ends the process, until the listeners are back. A signal in one of these gaps
 * ended the kernel, on a busy machine now and then. Node's watchdog leaves its own handler in place as long as any script is under way
 * that it watches, in any thread. So this thread is always inside such a script, where it sleeps: the gaps are gone. A signal goes to the
 * script that was begun last: to the cell, if one runs its synchronous part, else to this thread, which tells the main one.
 *
 * A script that a signal has ended has to be begun again. Meanwhile the one around it is under way, and so on: one inside the other.
 *
 * A cell that comes to a section which is to be whole (sections.ts) asks to be guarded. Then this thread begins further scripts, after the
 * cell's: it hears the signal first, ends them when the cell may be ended, and sends itself the signal again, which now comes to the cell.
 */
const DEPTH = 32;

/** How often the thread looks: milliseconds. */
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
/** How many scripts guard a cell: two could be ended by two signals before they are begun again. */
const GUARDS = 8;
/** How long an interrupt of a cell waits for its next section: what the last one has returned is kept before that, as a rule. */
const NEXT_SECTION = { computing: 20, inAll: 400 };
/** How long it waits for the end of one. */
const SECTION = { computing: DEAF, inAll: 600 };
/** How long a cell may take to hear of the signal that is passed on to it: milliseconds. */
const HEARS = 1000;

const flags = workerData as Int32Array;
let ready = false;
const scripts = Array.from({ length: DEPTH }, (_, depth) => new Script(`interruptible(${depth + 1})`));
const guards = Array.from({ length: GUARDS }, (_, depth) => new Script(`guard(${depth + 1})`));

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
    guarded = run;
    guardIt();
  } else {
    Atomics.wait(flags, KNOCKS, knocks, EVERY);
    look();
  }
}

interface Moment {
  at: number;
  used: number;
}

/** The run of a cell that is guarded, and since when it is to be ended. */
let guarded = 0;
let endingCell: Moment | undefined;
/** Since when it is in no section. */
let outside: Moment | undefined;
let refusals = 0;

const isUnderWay = (): boolean => runIn(Atomics.load(flags, LOCK)) === guarded;

/** Guards a cell to the end of its synchronous part. */
function guardIt(): void {
  endingCell = undefined;
  while (isUnderWay()) {
    guard(0);
    if (endingCell === undefined) continue;
    passOn();
    if (!isUnderWay()) return;
    // A script of the cell's own has heard it, and the cell goes on.
    endingCell = undefined;
    Atomics.store(flags, PENDING, 0);
    Atomics.store(flags, PARKED, 0);
  }
  if (endingCell !== undefined) heard();
  hangUp();
}

/** Is called in a script that hears signals before the cell does, and begins another one in it, in which it goes on. */
function guard(depth: number): void {
  // Two are under way: the others are begun while the cell goes on.
  if (depth >= 2) openLock(Lock.UNGUARDED);
  while (depth < GUARDS) {
    try {
      guards[depth]!.runInThisContext({ breakOnSigint: true });
      return;
    } catch {
      noteInterrupt();
    }
  }
  openLock(Lock.ENDING);
  while (isUnderWay()) {
    const knocks = Atomics.load(flags, KNOCKS);
    if (endingCell === undefined) {
      Atomics.wait(flags, KNOCKS, knocks, EVERY);
      look();
    } else {
      // Once more: it could have been ended in the middle of that.
      noteInterrupt();
      if (mayEnd(endingCell)) return;
      Atomics.wait(flags, KNOCKS, knocks, 1);
    }
  }
}

function openLock(before: (typeof Lock)[keyof typeof Lock]): void {
  Atomics.compareExchange(flags, LOCK, lockOf(guarded, before), lockOf(guarded, Lock.OPEN));
  Atomics.notify(flags, LOCK);
}

function noteInterrupt(): void {
  if (endingCell === undefined) {
    outside = undefined;
    refusals = 0;
    endingCell = moment();
  }
  Atomics.store(flags, PENDING, guarded);
}

/** Whether the cell may be ended now: then it begins no section any more. */
function mayEnd(since: Moment): boolean {
  const open = lockOf(guarded, Lock.OPEN);
  if (Atomics.load(flags, LOCK) === open) {
    outside ??= moment();
    if (Atomics.load(flags, PARKED) !== guarded && !isOver(outside, NEXT_SECTION)) return false;
    return Atomics.compareExchange(flags, LOCK, open, lockOf(guarded, Lock.ENDING)) === open;
  }
  outside = undefined;
  if (!isOver(since, SECTION)) return false;
  // A learner's own function, called in the middle of the section, goes on and on; or the section takes so long.
  const answer = ask(WHERE);
  refusals += answer === Answer.NONE ? ASK.refusals / 4 : 1;
  return answer === Answer.ENDS || refusals >= ASK.refusals;
}

/** Nothing of this thread's was begun after the cell: it hears the signal now. */
function passOn(): void {
  process.kill(process.pid, "SIGINT");
  const until = performance.now() + HEARS;
  while (isUnderWay() && performance.now() < until) {
    const knocks = Atomics.load(flags, KNOCKS);
    if (!isUnderWay()) return;
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

function moment(): Moment {
  return { at: performance.now(), used: computed() };
}

/** Whether so much time has passed since then: as processor time, or in all. */
function isOver({ at, used }: Moment, { computing, inAll }: { computing: number; inAll: number }): boolean {
  return computed() - used >= computing || performance.now() - at >= inAll;
}

/** The processor time of this process so far, in milliseconds. */
function computed(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
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

/** How often the main thread is asked, how often it may say that it cannot be ended just then, and how long its answer may take: milliseconds. */
const ASK = { times: 200, refusals: 100, patience: 100 };

/** Asks the main thread, in the middle of whatever it does, to end that: the last that is done, and only against code that leaves no turn to anything. */
function endWhatItDoes(): void {
  deaf = undefined;
  for (let times = 0; times < ASK.times && ask(END_THIS) === Answer.NOT_NOW; times++);
  hangUp();
}

const session = new Session();
let isConnected = false;

function hangUp(): void {
  if (isConnected) session.disconnect();
  isConnected = false;
}

/** Has the main thread call a function, in the middle of whatever it does. @returns its answer */
function ask(what: typeof END_THIS | typeof WHERE): number {
  if (!isConnected) session.connectToMainThread();
  isConnected = true;
  Atomics.store(flags, ANSWER, Answer.NONE);
  session.post("Runtime.evaluate", { expression: `globalThis[Symbol.for("${what}")]()` });
  Atomics.wait(flags, ANSWER, Answer.NONE, ASK.patience);
  return Atomics.load(flags, ANSWER);
}

Object.assign(globalThis, { interruptible, guard });
for (;;) {
  try {
    enter(0);
  } catch {
    heard();
  }
}

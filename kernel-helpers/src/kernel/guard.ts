import { Script } from "node:vm";
import { workerData } from "node:worker_threads";
import { ASK, ask, hangUp } from "./ask";
import { Answer, KNOCKS, LOCK, Lock, lockOf, PARKED, PENDING, runIn, WHERE } from "./flags";
import { isOver, type Moment, moment } from "./moments";

/*
 * How the thread that watches guards a cell, once that has asked for it (sections.ts). Node gives a signal to the script that was begun last: so
 * the thread begins some after the cell's, one inside the other, and hears the signal first. When the cell may be ended, it ends these and
 * sends itself the signal again, which now comes to the cell: Node ends that as ever.
 */

/** How many scripts guard a cell: two could be ended by two signals before they are begun again. */
const GUARDS = 8;
/** How long an interrupt of a cell waits for its next section: what the last one has returned is kept before that, as a rule. */
const NEXT_SECTION = { computing: 20, inAll: 400 };
/** How long it waits for the end of one. */
const SECTION = { computing: 400, inAll: 600 };
/** How long a cell may take to hear of the signal that is passed on to it: milliseconds. */
const HEARS = 1000;
/** How often the thread looks around: milliseconds. */
const EVERY = 100;

const flags = workerData as Int32Array;
const guards = Array.from({ length: GUARDS }, (_, depth) => new Script(`guard(${depth + 1})`));

/** The run of a cell that is guarded, and since when it is to be ended. */
let guarded = 0;
let endingCell: Moment | undefined;
/** Since when it is in no section. */
let outside: Moment | undefined;
let refusals = 0;
let lookAround: () => void;

const isUnderWay = (): boolean => runIn(Atomics.load(flags, LOCK)) === guarded;

/**
 * Guards a cell to the end of its synchronous part.
 *
 * @param look is called now and then
 * @returns whether an interrupt has come that has not ended it
 */
export function guardRun(run: number, look: () => void): boolean {
  guarded = run;
  lookAround = look;
  endingCell = undefined;
  while (isUnderWay()) {
    guard(0);
    if (endingCell === undefined || !isUnderWay()) continue;
    passOn();
    // It has heard it; or a script of its own has, and it goes on.
    endingCell = undefined;
    Atomics.store(flags, PENDING, 0);
    Atomics.store(flags, PARKED, 0);
  }
  hangUp();
  return endingCell !== undefined;
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
      lookAround();
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
    lookAround();
  }
}

Object.assign(globalThis, { guard });

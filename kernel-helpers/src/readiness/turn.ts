import { insideKernel } from "../cells/cell";
import { processWide } from "../cells/process-wide";
import { BusyError } from "../errors";
import { SENTENCES } from "../errors/sentences";
import { mayRest, never } from "./stopped";
import { Wait } from "./wait";

/*
 * Whose turn it is.
 *
 * A call that need not wait returns a promise that is settled already, and an `await` of it goes on before the event loop comes to anything
 * else. A loop of such calls never ended: no interrupt, no message, no timer, until the memory was full. So when calls have gone on for
 * SLICE in one turn of the event loop, the next result is handed over in the turn after it. The call itself is made at once: what is not
 * awaited keeps its order, and nothing that was received is lost.
 */

/** How long calls may go on in one turn: milliseconds. A cell that runs beside such a loop takes some ten turns. */
const SLICE = 10;

const now = performance.now.bind(performance);

const state = processWide("turn", () => ({
  /**
   * Until when results are handed over at once. Who makes calls compares it with the time of the last one, which the record has read anyway:
   * nearly always that is all.
   */
  endsAt: Number.NEGATIVE_INFINITY,
  /** No turn of the event loop has passed since then. */
  goesOn: false,
  /** What is to be done in the next turn. */
  next: [] as (() => void)[],
}));

/** To be read only: see there. */
export const turn: { readonly endsAt: number } = state;

/** Whether calls have used up the turn in progress. */
function isOver(): boolean {
  const at = now();
  if (at < state.endsAt) return false;
  if (state.goesOn) return true;
  state.goesOn = true;
  state.endsAt = at + SLICE;
  setImmediate(() => {
    state.goesOn = false;
  }).unref();
  return false;
}

/**
 * Does something in the next turn. All that was put off is done together, so that several loops share that turn: the first of them, in a
 * callback of its own, would have used it up.
 */
function inNextTurn(action: () => void): void {
  if (state.next.length === 0) {
    setImmediate(() => {
      const actions = state.next;
      state.next = [];
      for (const action of actions) action();
    });
  }
  state.next.push(action);
}

/** How many results are to be handed over in the next turn. */
export function putOff(): number {
  return state.next.length;
}

/** So many may be: more than a server with ten thousand clients has. Then it is a loop without `await`, which would go on until the memory is full. */
const MOST = 50_000;

/** What is said then. */
export const RESULTS_WAIT = "was not made: the results of 50,000 calls have not been handed over yet";

/** Whether so many results are to be handed over that no other call is to be made before the next turn. */
export const tooManyPutOff = (): boolean => state.next.length >= MOST;

/**
 * Hands over the result of a call that has not waited: at once, or in the next turn.
 *
 * @param background it is a server's, which goes on after an interrupt
 */
export function handedOver<T>(settled: Promise<T>, background = false): Promise<T> {
  if (!isOver()) return settled;
  if (tooManyPutOff()) throw tooMany("A call", undefined, RESULTS_WAIT);
  return background || mayRest() ? new Wait<T>((resolve) => inNextTurn(() => resolve(settled))) : never();
}

const endsLoops = new WeakSet<object>();

/** The error that ends a loop which does not await its calls: handed over, nobody would look at it, and the loop would go on. See BusyError. */
export function tooMany(call: string, handle: string | undefined, happened: string, advice = SENTENCES.tooManyCalls()) {
  const error = new BusyError(call, handle, happened, advice);
  endsLoops.add(error);
  return error;
}

/** Whether it is to end such a loop: it is thrown, also where other errors are handed over. */
export function isEndingLoops(error: unknown): boolean {
  return endsLoops.has(error as object);
}

/**
 * Throws an error at once, as a call does that cannot be made; or, in a loop of a notebook that catches it and calls again without end, hands it
 * over as the result of a call.
 */
export function thrown(error: unknown): Promise<never> {
  if (!insideKernel() || !isOver() || isEndingLoops(error) || tooManyPutOff()) throw error;
  if (!mayRest()) return never();
  return new Wait<never>((_, reject) => inNextTurn(() => reject(error)));
}

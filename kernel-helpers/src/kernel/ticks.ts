/** So many ticks in one turn of the event loop are a loop of ticks, each of which asks for the next. */
const LOOP = 1000;

const original = process.nextTick;

/**
 * Ends loops of `process.nextTick`. Node calls one tick after the other until none is left, and between two of them nothing of a learner's is
 * found to be ended: so it is ended at the beginning of a tick. And what was ended in the middle has asked for the next tick already, with
 * which Node would go on: those that wait then are left out. All of them come from the loop, as nothing else has had its turn.
 */
export class Ticks {
  #inThisTurn = 0;
  /** How many loops were ended. */
  #ended = 0;
  #isAsked = false;

  /** @param end ends what runs, if that is still to be */
  constructor(end: () => void) {
    const replaced = (callback: (...values: unknown[]) => void, ...values: unknown[]): void => {
      // Node refuses it in its own words.
      if (typeof callback !== "function") original(callback);
      const ended = this.#ended;
      original(() => {
        if (ended !== this.#ended) return;
        this.#inThisTurn += 1;
        if (this.#isAsked && this.#isLoop) {
          this.#isAsked = false;
          end();
        }
        callback(...values);
      });
    };
    Object.defineProperties(replaced, Object.getOwnPropertyDescriptors(original));
    process.nextTick = replaced;
  }

  /** The event loop comes round. */
  newTurn(): void {
    this.#inThisTurn = 0;
    this.#isAsked = false;
  }

  /** What runs is to be ended as soon as that may be. */
  ask(): void {
    this.#isAsked = true;
  }

  /** What runs is ended. */
  ended(): void {
    if (this.#isLoop) this.#ended += 1;
  }

  get #isLoop(): boolean {
    return this.#inThisTurn > LOOP;
  }
}

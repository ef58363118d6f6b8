/** What is told when a wait is awaited. */
export interface Awaited {
  awaited(): void;
}

/** What settles a promise; it is put here when the promise is made. */
export interface Settlers<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** Whose settlers the executor in progress gives away. */
let receiver: Settlers<never>;

/** The executor of all promises that are settled from outside: without a function made for each. */
const giveAway = (resolve: (value: never) => void, reject: (reason: unknown) => void): void => {
  receiver.resolve = resolve;
  receiver.reject = reject;
};

/**
 * The promise of a call that may wait.
 *
 * It knows when somebody awaits it, so that a default deadline starts only then: a wait left in the background (`const waiting =
 * server.accept()`) may take as long as the learner does. A rejection that nobody looks at is never reported as unhandled.
 */
export class Wait<T> extends Promise<T> {
  /** What `then`, `catch` and `finally` return is an ordinary promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** It is shown as the promise that it is for whoever forgets to await it: `Promise { <pending> }`. */
  static override readonly name = "Promise";

  /** Told each time that the wait is awaited. */
  #told: Awaited | undefined;

  /** A wait that is settled from outside. Who rejects it says so (`lookAt`). */
  static settledBy<T>(settlers: Settlers<T>): Wait<T> {
    receiver = settlers;
    return new Wait<T>(giveAway);
  }

  constructor(executor: (resolve: (value: T | PromiseLike<T>) => void, reject: (reason: unknown) => void) => void) {
    if (executor === giveAway) {
      super(giveAway);
      return;
    }
    const known: { wait?: Promise<T>; fails?: true } = {};
    const canFail = (): void => {
      known.fails = true;
      if (known.wait !== undefined) lookAt(known.wait);
    };
    super((resolve, reject) => {
      executor(
        (value) => {
          resolve(value);
          if (value instanceof Promise) canFail();
        },
        (reason) => {
          reject(reason);
          canFail();
        },
      );
    });
    known.wait = this;
    if (known.fails) lookAt(this);
  }

  /** Sets who is told each time that the wait is awaited. */
  onAwait(told: Awaited): this {
    this.#told = told;
    return this;
  }

  // `await` calls this, because the constructor is not Promise itself.
  // biome-ignore lint/suspicious/noThenProperty: being told of an await is what this class is for.
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#told?.awaited();
    return super.then(onFulfilled, onRejected);
  }
}

/** An ordinary promise that is settled from outside. */
export function plainlySettledBy<T>(settlers: Settlers<T>): Promise<T> {
  receiver = settlers;
  return new Promise<T>(giveAway);
}

/** Has a promise be no unhandled rejection. Only one that fails needs it: for each wait, another promise would be made. */
export function lookAt(promise: Promise<unknown>): void {
  Promise.prototype.then.call(promise, undefined, () => {});
}

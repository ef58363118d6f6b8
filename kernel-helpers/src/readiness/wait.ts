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

  /** Called each time that the wait is awaited. */
  #whenAwaited: (() => void) | undefined;

  constructor(executor: (resolve: (value: T | PromiseLike<T>) => void, reject: (reason: unknown) => void) => void) {
    super(executor);
    super.then(undefined, () => {});
  }

  /** Sets what happens each time that the wait is awaited. */
  onAwait(action: () => void): this {
    this.#whenAwaited = action;
    return this;
  }

  // `await` calls this, because the constructor is not Promise itself.
  // biome-ignore lint/suspicious/noThenProperty: being told of an await is what this class is for.
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#whenAwaited?.();
    return super.then(onFulfilled, onRejected);
  }
}

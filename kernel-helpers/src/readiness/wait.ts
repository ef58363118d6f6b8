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

  /** Called once, when the wait is first awaited. */
  private whenAwaited: (() => void) | undefined;

  constructor(executor: (resolve: (value: T | PromiseLike<T>) => void, reject: (reason: unknown) => void) => void) {
    super(executor);
    super.then(undefined, () => {});
  }

  /** Sets what happens when the wait is first awaited. */
  onAwait(action: () => void): this {
    this.whenAwaited = action;
    return this;
  }

  // `await` calls this, because the constructor is not Promise itself.
  // biome-ignore lint/suspicious/noThenProperty: being told of an await is what this class is for.
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const action = this.whenAwaited;
    this.whenAwaited = undefined;
    action?.();
    return super.then(onFulfilled, onRejected);
  }
}

interface Waiter {
  check: () => boolean;
  resolve: () => void;
}

/** Conditions that are looked at again whenever something arrives. */
export class Waiters {
  readonly #waiters = new Set<Waiter>();
  #failure: Error | undefined;

  /** Something has arrived: look at every condition. */
  notify(): void {
    for (const waiter of this.#waiters) {
      if (!waiter.check()) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  /** Nothing more can arrive: every wait, present and future, fails with this error. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.notify();
  }

  /** Waits until `condition` is true; after `timeout` ms throws an error whose text `describe` gives. */
  until(condition: () => boolean, timeout: number, describe: () => string): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer);
        if (condition()) resolve();
        else reject(new Error(`${this.#failure?.message}; ${describe()}`));
      };
      const waiter: Waiter = { check: () => condition() || this.#failure !== undefined, resolve: finish };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new Error(`not within ${timeout} ms: ${describe()}`));
      }, timeout);
      if (waiter.check()) finish();
      else this.#waiters.add(waiter);
    });
  }
}

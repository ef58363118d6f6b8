/**
 * Listens to SIGINT, Jupyter's interrupt, for the whole life of the kernel; `onInterrupt` may be set later than the listener, which
 * comes first of all: without one the signal ends the process.
 */
export class Interrupts {
  onInterrupt = () => {};
  readonly #listener = () => this.onInterrupt();

  constructor() {
    process.on("SIGINT", this.#listener);
  }

  /**
   * Makes the signal safe again after the synchronous part of a cell. Node runs it with its own handler of SIGINT and puts the
   * listeners back afterwards. If the cell itself has added the first listener meanwhile, Node leaves the system's default
   * in place behind them, and the next interrupt would end the process.
   */
  restore(): void {
    const listeners = process.rawListeners("SIGINT") as (() => void)[];
    if (listeners[0] === this.#listener) return;
    process.removeAllListeners("SIGINT");
    const others = listeners.filter((listener) => listener !== this.#listener);
    for (const listener of [this.#listener, ...others]) process.on("SIGINT", listener);
  }
}

import type { Random } from "./random.js";

/** A call that nobody awaits yet. */
interface Pending {
  readonly name: string;
  readonly controller: AbortController;
  /** What it has come to, when it has: never rejects. */
  readonly over: Promise<void>;
  readonly outcome: { value?: string };
}

/** How many calls wait in the background at most. */
const MOST = 16;

/** The calls of a random program that wait in the background while it makes others. */
export class PendingCalls {
  private readonly calls: Pending[] = [];

  constructor(
    private readonly random: Random,
    /** A call is over: with its name and what it came to. */
    private readonly told: (name: string, outcome: string) => void,
    /** What an error comes to, in a word; throws for one that must not be. */
    private readonly outcomeOf: (name: string, error: unknown) => string,
  ) {}

  /** Begins a call, and goes on. What it comes to is told when it is over. */
  async begin(
    name: string,
    call: (options: { timeout: number; signal: AbortSignal }) => Promise<unknown>,
  ): Promise<void> {
    const controller = new AbortController();
    const timeout = this.random.pick([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 3, 20]);
    const outcome: { value?: string } = {};
    let wait: Promise<unknown>;
    try {
      wait = call({ timeout, signal: controller.signal });
    } catch (error) {
      wait = Promise.reject(error);
    }
    const over = wait.then(
      () => {
        outcome.value = "ok";
      },
      (error: unknown) => {
        outcome.value = this.outcomeOf(name, error);
      },
    );
    this.calls.push({ name, controller, over, outcome });
    // What it has got already can be handed over in the next turn, after what a later call gets.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.calls.length > MOST) await this.end(this.calls[0]!, true);
  }

  /** Looks at one of them: it is over, is given up, or goes on waiting. */
  async look(): Promise<void> {
    if (this.calls.length === 0) throw new RangeError("nothing waits");
    await this.end(this.random.pick(this.calls), this.random.chance(0.5));
  }

  /** All of them: when their handles are closed they are over. */
  async all(): Promise<void> {
    for (const call of [...this.calls]) await this.end(call, true);
  }

  private async end(call: Pending, abort: boolean): Promise<void> {
    if (call.outcome.value === undefined && abort) call.controller.abort(new Abort());
    if (call.outcome.value === undefined && !abort) await new Promise((resolve) => setImmediate(resolve));
    else await call.over;
    if (call.outcome.value === undefined) return;
    this.calls.splice(this.calls.indexOf(call), 1);
    this.told(`${call.name} in the background`, call.outcome.value);
  }
}

/** The reason of a call that is given up. */
export class Abort extends Error {
  override readonly name = "Abort";
  constructor() {
    super("It is given up.");
  }
}

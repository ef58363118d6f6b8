import { inspect } from "node:util";
import { calledAlone } from "../bytes/arguments";
import { UnderWay } from "../readiness/under-way";
import { describeServer, type ServerState } from "../servers/describe";
import { checkedWithin } from "../servers/server";
import type { ProcessChannel } from "./channel";
import type { ServerFacts } from "./messages";
import { unpackError } from "./pack-error";

/** How much longer than its conversations a stop() may take: milliseconds. */
const PATIENCE = 5000;

const stops = new UnderWay("stop", 1000);

let isServer: (value: unknown) => boolean;

/**
 * A server in the background of another process: see `OtherProcess.serve`. What it counts is what that process has told so far.
 */
export class ProcessServer {
  static {
    isServer = (value) => typeof value === "object" && value !== null && #channel in value;
  }

  readonly #channel: ProcessChannel;
  readonly #facts: ServerFacts;

  /** @internal */
  constructor(channel: ProcessChannel, facts: ServerFacts) {
    this.#channel = channel;
    this.#facts = facts;
  }

  /** The name of its listening handle: the lane in the pictures. */
  get name(): string {
    return this.#facts.name;
  }

  /** The process number of the process that serves. */
  get pid(): number {
    return this.#channel.pid;
  }

  /** The address that it listens on, or the path. */
  get address(): string {
    return this.#facts.address;
  }

  /** The port that it listens on, 1 to 65535; undefined with a path. */
  get port(): number | undefined {
    return this.#facts.port;
  }

  /** "listening"; "paused" while no descriptor is left for another client; "stopping" and "stopped" after stop(), or when it was replaced, or its process has ended. */
  get state(): ServerState {
    return this.#facts.state;
  }

  /** How many conversations there are now, 0 or more. One that was closed is none, also when its function goes on. */
  get clients(): number {
    return this.#facts.clients;
  }

  /** How many conversations have ended well, 0 or more. */
  get served(): number {
    return this.#facts.served;
  }

  /** How many conversations have ended with an error, 0 or more. */
  get failed(): number {
    return this.#facts.failed;
  }

  /** What failed last: in a conversation, or at accept(); undefined when nothing has. */
  get lastError(): unknown {
    const { lastError } = this.#facts;
    return lastError === undefined ? undefined : unpackError(lastError);
  }

  /**
   * Stops the server: nobody is accepted any more, and conversations that go on receive the end (shutdown(2) with SHUT_RD), so that their
   * functions can finish. What has not ended in time is closed. When its process has ended there is nothing left to do.
   *
   * Manual: man 2 shutdown, man 2 close.
   *
   * @param options `within`: how long the conversations may take, in milliseconds, 0 or more; 1,000 unless told
   * @returns Returns when the last of them has ended
   * @throws Errors: TypeError and RangeError for other options; ProcessError (the process ends meanwhile); TimeoutError (it does not answer: it is busy or stopped); BusyError (1,000 of these are under way: `await` is missing)
   */
  stop(
    options: {
      /** How long the conversations may take to end, in milliseconds, 0 or more; 1,000 unless told. */
      within?: number;
    } = {},
  ): Promise<void> {
    return stops.make(async () => {
      const within = checkedWithin(options);
      if (!isServer(this)) throw calledAlone("a server", "echo.stop()");
      if (!this.#channel.alive || (this.state === "stopped" && this.clients === 0)) return;
      await this.#channel.call({
        handle: undefined,
        method: "stopServer",
        args: [this.#facts.id, within],
        title: `"${this.name}".stop()`,
        waiting: { timeout: within + PATIENCE },
        finish: () => {},
      });
    });
  }

  /**
   * Stops the server at the end of an `await using` block.
   *
   * @throws Errors: ProcessError (the process ends meanwhile); TimeoutError (it does not answer)
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * The server in one line: its process, where it listens, how many clients it has and had, and what failed last.
   *
   * @returns Returns these words as text
   * @throws Errors: none
   */
  toString(): string {
    const { why, accepts } = this.#facts;
    return `${describeServer({ ...this.#facts, lastError: this.lastError }, why, accepts)} (process ${this.pid}, ${this.#channel.name})`;
  }

  /**
   * What the cell shows for the server: its process, where it listens, how many clients it has and had, and what failed last.
   *
   * @returns Returns these words as text
   * @throws Errors: none
   */
  [inspect.custom](): string {
    return this.toString();
  }
}
